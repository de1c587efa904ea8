import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UnitOfWork } from '#libs/database';
import { UnavailableError } from '#libs/errors';
import type { Broker } from '../broker/broker.js';
import type { PublishResult } from '../broker/confirm-publisher.js';
import type { ResolvedMessaging } from '../messaging.options.js';
import { OutboxRelay } from './outbox.relay.js';
import type { OutboxRepository } from './outbox.repository.js';
import type { OutboxSignal } from './outbox.signal.js';

const ROW = { id: '1', message_id: 'm', routing_key: 'test.thing.done.v1', body: '{}', returns: 0 };

/**
 * A relay over an outbox with so many due rows at each claim; `claims` are the times of the claims, in milliseconds, `sent` the rows
 * that were marked.
 */
function relayOver(
  due: number,
  answer: () => Promise<PublishResult> = () => Promise.resolve('confirmed'),
  batchMs = 1,
): { relay: OutboxRelay; claims: number[]; sent: string[] } {
  const claims: number[] = [];
  const sent: string[] = [];
  const repository = {
    claim: () => {
      claims.push(performance.now());
      return Promise.resolve({ rows: [ROW], locked: due });
    },
    markSent: (ids: string[]) => Promise.resolve(void sent.push(...ids)),
    postpone: () => Promise.resolve(),
  };
  const broker = {
    canPublish: true,
    whenReady: () => undefined,
    topology: { exchange: 'events' },
    publisher: { publish: () => new Promise((resolve) => setTimeout(() => resolve(answer()), batchMs)) },
  };
  const relay = new OutboxRelay(
    { outboxPollMs: 60_000 } as ResolvedMessaging,
    broker as unknown as Broker,
    { run: (work: () => Promise<unknown>) => work() } as unknown as UnitOfWork,
    repository as unknown as OutboxRepository,
    { listen: () => undefined, stop: () => Promise.resolve() } as unknown as OutboxSignal,
  );
  return { relay, claims, sent };
}

describe('the relay', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  const stop = async (relay: OutboxRelay): Promise<void> => {
    const stopped = relay.stop();
    await vi.advanceTimersByTimeAsync(500);
    await stopped;
  };

  it.each([
    { batchMs: 1, everyMs: 50 },
    { batchMs: 10, everyMs: 100 },
    { batchMs: 200, everyMs: 250 },
  ])(
    'takes events that follow each other closely together, every $everyMs ms when it needs $batchMs for them',
    async ({ batchMs, everyMs }) => {
      const { relay, claims } = relayOver(1, undefined, batchMs);
      relay.start();
      for (let ms = 0; ms < 3_000; ms++) {
        void relay.announce();
        await vi.advanceTimersByTimeAsync(1);
      }
      const gaps = claims.map((at, index) => at - (claims[index - 1] ?? at)).slice(4);
      expect(gaps.length).toBeGreaterThan(5);
      for (const gap of gaps) expect(gap).toBeCloseTo(everyMs, -1);
      await stop(relay);
    },
  );

  it('takes the first event after a pause at once', async () => {
    const { relay, claims } = relayOver(1);
    relay.start();
    await vi.advanceTimersByTimeAsync(1_000);
    const before = claims.length;
    const announced = performance.now();
    void relay.announce();
    await vi.advanceTimersByTimeAsync(0);
    expect(claims.slice(before)).toEqual([announced]);
    await stop(relay);
  });

  it('marks as sent what the broker has confirmed, and nothing else', async () => {
    let answer = (): Promise<PublishResult> => Promise.reject(new UnavailableError('The message broker'));
    const { relay, claims, sent } = relayOver(1, () => answer());
    relay.start();
    for (const next of [
      answer,
      () => Promise.resolve('returned' as const),
      () => Promise.resolve('confirmed' as const),
    ]) {
      expect(sent).toEqual([]);
      const before = claims.length;
      answer = next;
      void relay.announce();
      await vi.advanceTimersByTimeAsync(100);
      expect(claims.length).toBeGreaterThan(before);
    }
    expect(sent).toContain('1');
    await stop(relay);
  });

  it('does not pause behind a backlog', async () => {
    const { relay, claims } = relayOver(200);
    relay.start();
    await vi.advanceTimersByTimeAsync(100);
    expect(claims.length).toBeGreaterThan(80);
    await stop(relay);
  });
});
