import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { readStripeEvent, WebhookRefusedError } from './stripe.events.js';

const SECRET = 'whsec_test';
const NOW = new Date('2026-11-23T12:00:00Z');

describe('a delivery of the payment provider', () => {
  const stripe = new Stripe('sk_test_unit');
  const event = {
    id: 'evt_1',
    object: 'event',
    type: 'charge.updated',
    created: 1,
    livemode: false,
    data: { object: {} },
  };
  const body = JSON.stringify(event);
  const signed = (at: Date) => {
    const timestamp = Math.floor(at.getTime() / 1000);
    return stripe.webhooks.generateTestHeaderString({ payload: body, secret: SECRET, timestamp });
  };
  const read = (signature: string | undefined, secrets = [SECRET]) =>
    readStripeEvent(stripe, { body: Buffer.from(body), signature, secrets, now: NOW, livemode: false });

  it('is read when it was signed just now', () => {
    expect(read(signed(NOW))).toMatchObject({ id: 'evt_1', type: 'charge.updated' });
  });

  it('is read under either of two secrets, while one takes the place of the other', () => {
    for (const secrets of [
      ['whsec_new', SECRET],
      [SECRET, 'whsec_new'],
    ])
      expect(read(signed(NOW), secrets)).toMatchObject({ id: 'evt_1' });
    expect(() => read(signed(NOW), ['whsec_new', 'whsec_other'])).toThrow(WebhookRefusedError);
  });

  it.each([-300, 300])('is read %i seconds from now, and not a second further', (seconds) => {
    const at = (more: number) => signed(new Date(+NOW + (seconds + more) * 1000));
    expect(read(at(0))).toMatchObject({ id: 'evt_1' });
    expect(() => read(at(Math.sign(seconds)))).toThrow('too old or too new');
  });

  it('is read in its own mode only', () => {
    for (const [sent, ours] of [
      [true, false],
      [false, true],
      [undefined, false],
    ] as const) {
      const payload = JSON.stringify({ ...event, livemode: sent });
      const signature = stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET, timestamp: +NOW / 1000 });
      const delivery = { body: Buffer.from(payload), signature, secrets: [SECRET], now: NOW };
      expect(() => readStripeEvent(stripe, { ...delivery, livemode: ours })).toThrow('wrong mode');
      if (sent !== undefined)
        expect(readStripeEvent(stripe, { ...delivery, livemode: sent })).toMatchObject({ id: 'evt_1' });
    }
  });

  it('is read under one of several signatures of its own time, and under none of another time', () => {
    const [time, right] = signed(NOW).split(',') as [string, string];
    expect(read(`${time},v1=00,${right}`)).toMatchObject({ id: 'evt_1' });
    expect(() => read(`${time},${right.replace('v1', 'v0')}`)).toThrow('bad signature');
    const old = signed(new Date(+NOW - 3_600_000));
    // As two headers of one name arrive.
    for (const signature of [`${time}, ${old}`, `${time},v1=00, ${old}`, `${old}, ${time}`]) {
      expect(() => read(signature)).toThrow(WebhookRefusedError);
    }
  });

  it('of an hour ago is not made new by a second time before or behind its own', () => {
    const old = signed(new Date(+NOW - 3_600_000));
    const fresh = `t=${+NOW / 1000}`;
    for (const signature of [old, `${fresh},${old}`, `${old},${fresh}`, `${fresh},t,${old}`]) {
      expect(() => read(signature)).toThrow(WebhookRefusedError);
    }
  });

  it.each([undefined, '', 't=', 't=now,v1=00', 'v1=00'])('signed with %j is refused', (signature) => {
    expect(() => read(signature)).toThrow(WebhookRefusedError);
  });
});
