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
