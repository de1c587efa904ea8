import { describe, expect, it, vi } from 'vitest';
import type { Delivery } from './delivery.schema.js';
import type { Recorded } from './deliveries.repository.js';
import { OutcomeWriter } from './outcome-writer.js';

const sent = { state: 'sent' as const, response: '250 OK' };
const deliveryOf = (id: string) => ({ _id: id }) as Delivery;

describe('outcomes that come while the database restarts', () => {
  it('are written when it is back: a mail that was sent must not go out again', async () => {
    const record = vi.fn<(outcomes: Recorded[]) => Promise<void>>().mockRejectedValueOnce(new Error('away'));
    const writer = new OutcomeWriter({ record });
    await Promise.all(['a', 'b', 'c'].map((id) => writer.write(deliveryOf(id), sent)));
    const written = record.mock.calls.slice(1).flatMap(([group]) => group.map(({ delivery }) => delivery._id));
    expect(written.toSorted()).toEqual(['a', 'b', 'c']);
  });
});
