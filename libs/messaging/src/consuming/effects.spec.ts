import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TransactionTimeoutError, type UnitOfWork } from '#libs/database';
import type { Delivery } from './delivery.js';
import { GroupedEffects, type Outcome, type Settle } from './effects.js';
import type { InboxRepository } from './inbox.repository.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Transactions that only know their limit of time. */
const unitOfWork = {
  run: <T>(work: () => Promise<T>, { timeoutMs }: { timeoutMs: number }): Promise<T> => {
    const limit = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new TransactionTimeoutError(timeoutMs)), timeoutMs);
    });
    return Promise.race([work(), limit]);
  },
} as unknown as UnitOfWork;
const inbox = { claim: (_: string, ids: string[]) => Promise.resolve(new Set(ids)) } as unknown as InboxRepository;

/** Hands `size` deliveries over together, the first of which hangs; returns how many others are done, as a function of time. */
function groupOf(size: number): () => number {
  const deliveries = Array.from({ length: size }, (_, index) => ({
    received: { id: String(index) },
    triedBefore: false,
    sideBySide: true,
    invoke: () => (index === 0 ? new Promise(() => undefined) : Promise.resolve()),
  })) as unknown as Delivery[];
  const outcomes = new Map<Delivery, Outcome>();
  void new GroupedEffects(unitOfWork, inbox, 30_000).run('q', deliveries, (delivery, outcome) => {
    outcomes.set(delivery, outcome);
  });
  return () => [...outcomes.values()].filter(({ is }) => is === 'done').length;
}

describe('a message that arrives twice at once', () => {
  it('is handled once and answered twice', async () => {
    const invoke = vi.fn<() => Promise<void>>().mockResolvedValue(undefined);
    const delivery = { received: { id: 'same' }, triedBefore: false, sideBySide: false, invoke } as unknown as Delivery;
    const outcomes: Outcome['is'][] = [];
    await new GroupedEffects(unitOfWork, inbox, 30_000).run('q', [delivery, { ...delivery }], (_, { is }) => {
      outcomes.push(is);
    });
    expect(invoke).toHaveBeenCalledTimes(1);
    expect(outcomes).toEqual(['done', 'duplicate']);
  });
});

describe('a message whose handler is done', () => {
  it('is answered when its transaction has committed, and not before', async () => {
    let commit: () => void = () => undefined;
    const committed = new Promise<void>((resolve) => (commit = resolve));
    const slow = { run: (work: () => Promise<unknown>) => work().then((result) => committed.then(() => result)) };
    const invoke = vi.fn<() => Promise<void>>().mockResolvedValue(undefined);
    const delivery = { received: { id: '1' }, triedBefore: false, sideBySide: false, invoke } as unknown as Delivery;
    const settle = vi.fn<Settle>();
    const running = new GroupedEffects(slow as unknown as UnitOfWork, inbox, 30_000).run('q', [delivery], settle);
    await vi.advanceTimersByTimeAsync(10);
    expect([invoke.mock.calls.length, settle.mock.calls.length]).toEqual([1, 0]);
    commit();
    await running;
    expect(settle.mock.calls).toEqual([[delivery, { is: 'done' }]]);
  });
});

describe('the neighbours of a handler that hangs', () => {
  it('wait for a tenth of a second when they are few', async () => {
    const done = groupOf(5);
    await vi.advanceTimersByTimeAsync(100);
    expect(done()).toBe(0);
    await vi.advanceTimersByTimeAsync(20);
    expect(done()).toBe(4);
  });

  it('wait for a quarter of a second when they are many, who take longer by themselves', async () => {
    const done = groupOf(100);
    await vi.advanceTimersByTimeAsync(240);
    expect(done()).toBe(0);
    await vi.advanceTimersByTimeAsync(20);
    expect(done()).toBe(99);
  });
});
