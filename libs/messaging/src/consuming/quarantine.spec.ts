import type { Channel } from 'amqplib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Quarantine } from './quarantine.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A quarantine whose queue holds what `holds` says; a queue that does not answer throws. */
async function opened(holds: () => Promise<number>): Promise<{ quarantine: Quarantine; rested: () => void }> {
  const rested = vi.fn<() => void>();
  const quarantine = new Quarantine('q', rested);
  const channel = { checkQueue: async () => ({ messageCount: await holds() }) };
  await quarantine.open(channel as unknown as Channel);
  return { quarantine, rested };
}

const nothing = (): Promise<number> => Promise.resolve(0);
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

describe('a consumer with a quarantine', () => {
  it('does not rest while that is empty', async () => {
    const { quarantine } = await opened(nothing);
    expect(quarantine.resting).toBe(false);
  });

  it('rests for a predecessor’s suspects and for those it moves there, until the queue is empty', async () => {
    let count = 1;
    const { quarantine, rested } = await opened(() => Promise.resolve(count));
    expect(quarantine.resting).toBe(true);
    await quarantine.whileMoving(() => Promise.resolve());
    await vi.advanceTimersByTimeAsync(1_000);
    expect(quarantine.resting).toBe(true);
    count = 0;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(quarantine.resting).toBe(false);
    expect(rested).toHaveBeenCalled();
  });

  it('rests to the end of a trial, however long that takes', async () => {
    const { quarantine, rested } = await opened(nothing);
    let end: (value: string) => void = () => undefined;
    const trial = quarantine.whileTrying(() => new Promise<string>((resolve) => (end = resolve)));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(quarantine.resting).toBe(true);
    expect(rested).not.toHaveBeenCalled();
    end('done');
    expect(await trial).toBe('done');
    await vi.advanceTimersByTimeAsync(0);
    expect(quarantine.resting).toBe(false);
    expect(rested).toHaveBeenCalledOnce();
  });

  it.each([
    ['a suspect cannot be moved there', nothing, (): Promise<void> => never()],
    ['the queue does not answer', (): Promise<number> => Promise.reject(new Error('closed')), async () => undefined],
    ['nobody tries what is in it', (): Promise<number> => Promise.resolve(1), async () => undefined],
  ])('goes on after seconds when %s', async (_, holds, move) => {
    let count: () => Promise<number> = nothing;
    const { quarantine, rested } = await opened(() => count());
    count = holds;
    void quarantine.whileMoving(move);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(quarantine.resting).toBe(true);
    expect(rested).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(quarantine.resting).toBe(false);
    expect(rested).toHaveBeenCalled();
    quarantine.close();
  });
});
