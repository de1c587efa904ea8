import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uuidv7 } from '#libs/contracts';
import { StreamPosition, StreamPositionInvalidError, VISIBLE_WITHIN_MS } from './stream-position.js';

const NOW = new Date('2026-11-23T10:00:00.000Z');

describe('a position in the stream', () => {
  it('gives every message once, in whatever order they become visible and wherever the stream breaks', () => {
    const arrival = fc.record({
      at: fc.nat(VISIBLE_WITHIN_MS * 4),
      late: fc.nat(VISIBLE_WITHIN_MS - 1),
      breaks: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 60 }), (arrivals) => {
        const messages = arrivals.map((one) => ({ ...one, id: uuidv7(), arrivedAt: new Date(NOW.getTime() + one.at) }));
        const moments = messages.map(({ at, late }) => at + late).sort((a, b) => a - b);
        let position = StreamPosition.at(NOW);
        const given: string[] = [];
        for (const moment of moments) {
          const visible = messages
            .filter(({ at, late, arrivedAt }) => at + late <= moment && arrivedAt > position.since)
            .sort((a, b) => a.at - b.at);
          for (const { id, arrivedAt, breaks } of visible) {
            if (position.pass(id, arrivedAt)) given.push(id);
            if (breaks) position = StreamPosition.parse(position.toString(), new Date(NOW.getTime() + moment));
          }
        }
        expect(given.toSorted()).toEqual(messages.map(({ id }) => id).toSorted());
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['no place', 'x'],
    ['no marks', '7'],
    ['half a mark', 'mhs0.abc'],
    ['other letters', 'mhs0.!'],
    ['the far future', 'zzzzzzzzz.'],
    ['more than a header carries', `${NOW.getTime().toString(36)}.${'A'.repeat(9_000)}`],
    ['a time before all times', '-1.'],
  ])('is not %s', (_name, text) => {
    expect(() => StreamPosition.parse(text, NOW)).toThrow(StreamPositionInvalidError);
  });
});
