import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { UnavailableError } from '#libs/errors';
import { Batcher } from './batcher.js';

/** Doubles numbers and notes which it was given together; a batch with a negative number fails. */
function doubling(most = 10) {
  const batches: number[][] = [];
  const batcher = new Batcher<number, number>(async (items) => {
    batches.push(items);
    await Promise.resolve();
    const bad = items.find((item) => item < 0);
    if (bad !== undefined) throw bad === -1 ? new UnavailableError('The store') : new Error(`no ${bad}`);
    return items.map((item) => item * 2);
  }, most);
  return { batcher, batches };
}

const all = (batcher: Batcher<number, number>, items: number[]) => Promise.all(items.map((item) => batcher.run(item)));

describe('a batcher', () => {
  it('does together what is asked for at the same time and gives each its own result', async () => {
    const { batcher, batches } = doubling();
    expect(await all(batcher, [1, 2, 3])).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('takes no more than the most at a time', async () => {
    const { batcher, batches } = doubling(2);
    expect(await all(batcher, [1, 2, 3, 4, 5])).toEqual([2, 4, 6, 8, 10]);
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('gathers what comes while a batch is under way', async () => {
    const begun: (() => void)[] = [];
    const batches: number[][] = [];
    const batcher = new Batcher<number, number>(async (items) => {
      batches.push(items);
      await new Promise<void>((resolve) => begun.push(resolve));
      return items;
    }, 10);
    const first = batcher.run(1);
    await expect.poll(() => begun.length).toBe(1);
    const rest = all(batcher, [2, 3]);
    begun[0]!();
    expect(await first).toBe(1);
    await expect.poll(() => begun.length).toBe(2);
    begun[1]!();
    expect(await rest).toEqual([2, 3]);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  it('lets nobody suffer for another: after a failure each is tried by itself', async () => {
    const { batcher, batches } = doubling();
    const results = await Promise.allSettled([1, -7, 3].map((item) => batcher.run(item)));
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : String(result.reason)))).toEqual([
      2,
      'Error: no -7',
      6,
    ]);
    expect(batches).toEqual([[1, -7, 3], [1], [-7], [3]]);
  });

  it('tells everybody when the store is unavailable, who waits for the next batch too, and asks it no more', async () => {
    const { batcher, batches } = doubling(2);
    const results = await Promise.allSettled([1, -1, 3].map((item) => batcher.run(item)));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(batches).toHaveLength(1);
    expect(await batcher.run(4)).toBe(8);
  });

  it('works in the context of the first caller of each batch', async () => {
    const trace = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const batcher = new Batcher<number, number>(async (items) => {
      await Promise.resolve();
      seen.push(trace.getStore());
      return items;
    }, 1);
    await Promise.all(['a', 'b'].map((name) => trace.run(name, () => batcher.run(1))));
    expect(seen).toEqual(['a', 'b']);
  });
});
