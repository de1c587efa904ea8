import { once } from 'node:events';
import { type AddressInfo, connect as dial, createServer } from 'node:net';
import { connect } from 'amqplib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { testStores } from '#libs/testing';
import { answerOf, hangUp } from './deadline.js';

/** A way to the broker that can be frozen: connections stay open and nothing passes any more. */
async function freezableWay(): Promise<{ url: string; freeze: () => void }> {
  const broker = new URL(testStores().TEST_RABBITMQ_URL);
  let frozen = false;
  const way = createServer((near) => {
    const far = dial(Number(broker.port), broker.hostname);
    near.on('data', (bytes) => frozen || far.write(bytes)).on('error', () => undefined);
    far.on('data', (bytes) => frozen || near.write(bytes)).on('error', () => undefined);
    near.on('close', () => far.destroy());
  }).listen(0, '127.0.0.1');
  await once(way, 'listening');
  onTestFinished(() => void way.close());
  const url = Object.assign(new URL(broker), { port: (way.address() as AddressInfo).port, search: '?heartbeat=0' });
  return { url: url.href, freeze: () => (frozen = true) };
}

describe('a broker that no longer answers, though its connections stand', () => {
  it('does not keep a connection from ending, nor a call from failing', { timeout: 10_000 }, async () => {
    const { url, freeze } = await freezableWay();
    const model = await connect(url);
    model.on('error', () => undefined);
    const channel = await model.createChannel();
    freeze();
    await expect(answerOf('a question', channel.checkExchange('amq.topic'), 200)).rejects.toMatchObject({
      kind: 'unavailable',
    });
    const ended = new Promise<void>((resolve) => model.once('close', () => resolve()));
    await hangUp(model);
    await ended;
  });
});
