import { setImmediate as tick } from 'node:timers/promises';
import type { Channel, ConsumeMessage } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { Acknowledger } from './acknowledger.js';

function message(deliveryTag: number): ConsumeMessage {
  return { fields: { deliveryTag } } as ConsumeMessage;
}

/** Takes deliveries 1 to `count` and records what is acknowledged. */
function acknowledging(count: number): { acks: Acknowledger; sent: string[] } {
  const sent: string[] = [];
  const ack = ({ fields }: ConsumeMessage, upTo: boolean): unknown =>
    sent.push(`${upTo ? 'up to ' : ''}${fields.deliveryTag}`);
  const nack = ({ fields }: ConsumeMessage, upTo: boolean, requeue: boolean): unknown =>
    sent.push(`not ${fields.deliveryTag} ${upTo} ${requeue}`);
  const acks = new Acknowledger({ ack, nack } as unknown as Channel);
  for (let tag = 1; tag <= count; tag++) acks.took(message(tag));
  return { acks, sent };
}

describe('acknowledging', () => {
  it('answers a whole run with one frame', async () => {
    const { acks, sent } = acknowledging(5);
    for (const tag of [2, 1, 3]) acks.settle(message(tag));
    await tick();
    expect(sent).toEqual(['up to 3']);
  });

  it('never answers for a delivery that is still being handled', async () => {
    const { acks, sent } = acknowledging(5);
    for (const tag of [1, 3, 5]) acks.settle(message(tag));
    await tick();
    expect(sent).toEqual(['up to 1', '3', '5']);
    for (const tag of [2, 4]) acks.settle(message(tag));
    await tick();
    expect(sent.slice(3)).toEqual(['up to 4']);
  });

  it('goes on around a delivery that was rejected', async () => {
    const { acks, sent } = acknowledging(3);
    acks.settle(message(1));
    acks.reject(message(2));
    await tick();
    acks.settle(message(3));
    await tick();
    expect(sent).toEqual(['not 2 false false', 'up to 1', 'up to 3']);
  });
});
