import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Delivery } from './delivery.schema.js';
import type { Recorded } from './deliveries.repository.js';
import { OutcomeWriter } from './outcome-writer.js';

const sent = { state: 'sent' as const, response: '250 OK' };
const deliveryOf = (id: string) => ({ _id: id }) as Delivery;

describe('outcomes that come one after the other', () => {
  afterEach(() => void vi.useRealTimers());

  it('are written once there are sixteen, or after a moment', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const record = vi.fn<(outcomes: Recorded[]) => Promise<void>>();
    const writer = new OutcomeWriter({ record });
    const groups = () => record.mock.calls.map(([group]) => group.length);
    const written: Promise<void>[] = [];
    const write = (count: number): Promise<void> => {
      for (let one = 0; one < count; one++) written.push(writer.write(deliveryOf(String(written.length)), sent));
      return new Promise((resolve) => setImmediate(resolve));
    };
    await write(1);
    await write(14);
    expect(groups()).toEqual([]);
    await write(1);
    expect(groups()).toEqual([16]);
    await write(3);
    expect(groups()).toEqual([16]);
    vi.advanceTimersByTime(10);
    await Promise.all(written);
    expect(groups()).toEqual([16, 3]);
  });
});

describe('outcomes that come while the database restarts', () => {
  it('are written when it is back: a mail that was sent must not go out again', async () => {
    const record = vi.fn<(outcomes: Recorded[]) => Promise<void>>().mockRejectedValueOnce(new Error('away'));
    const writer = new OutcomeWriter({ record });
    await Promise.all(['a', 'b', 'c'].map((id) => writer.write(deliveryOf(id), sent)));
    const written = record.mock.calls.slice(1).flatMap(([group]) => group.map(({ delivery }) => delivery._id));
    expect(written.toSorted()).toEqual(['a', 'b', 'c']);
  });
});
