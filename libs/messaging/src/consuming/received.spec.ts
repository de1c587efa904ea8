import type { ConsumeMessage } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { EntitlementChangedV1, uuidv7 } from '#libs/contracts';
import { parseDelivery } from './received.js';

const envelope = {
  id: uuidv7(),
  name: 'billing.entitlement.changed',
  version: 1,
  occurredAt: '2026-01-15T10:20:30.000Z',
  producer: 'billing',
  aggregateId: 'u',
  aggregateVersion: 7,
  payload: { userId: uuidv7(), product: 'cinema', activeUntil: null, version: 7 },
};

function message(body: string, headers: Record<string, unknown> = {}): ConsumeMessage {
  return { content: Buffer.from(body), properties: { headers } } as ConsumeMessage;
}

describe('a delivery', () => {
  it('becomes its payload class, with its envelope and number of tries', () => {
    const { routingKey, received } = parseDelivery(message(JSON.stringify(envelope), { 'x-attempt': 3 }), 10_000);
    expect(routingKey).toBe('billing.entitlement.changed.v1');
    expect(received).toMatchObject({ id: envelope.id, aggregateVersion: 7, attempt: 3 });
    expect(received.payload).toBeInstanceOf(EntitlementChangedV1);
  });

  it.each([undefined, 0, -1, 'many', 1.5])('counts as the first try when the header says %j', (attempt) => {
    expect(parseDelivery(message(JSON.stringify(envelope), { 'x-attempt': attempt }), 10_000).received.attempt).toBe(1);
  });

  it.each([
    ['message.too_large', `${JSON.stringify(envelope)}${' '.repeat(10_000)}`],
    ['message.not_json', 'hello'],
    ['message.bad_payload', JSON.stringify({ ...envelope, payload: {} })],
    ['message.forged', JSON.stringify({ ...envelope, producer: 'auth' })],
    ['message.unknown_contract', JSON.stringify({ ...envelope, version: 99 })],
  ])('is refused as %s, never to be tried again', (code, body) => {
    expect(() => parseDelivery(message(body), 10_000)).toThrow(expect.objectContaining({ code, kind: 'invalid' }));
  });
});
