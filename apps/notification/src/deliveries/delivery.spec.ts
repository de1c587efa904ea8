import { describe, expect, it } from 'vitest';
import { messageIdOf, pauseAfter } from './delivery.js';

describe('tries of a delivery', () => {
  it('are eight within about half an hour, each pause longer than the one before', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7].map((attempts) => pauseAfter(attempts, () => 0.5)!);
    expect(pauseAfter(8)).toBeUndefined();
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
    expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBe(30 * 60_000);
  });

  it('are spread by jitter of a fifth either way', () => {
    expect(pauseAfter(1, () => 0)).toBe(8_000);
    expect(pauseAfter(1, () => 1)).toBe(12_000);
  });
});

describe('the Message-ID', () => {
  it('is the same for the same message to the same user, and different otherwise', () => {
    const id = messageIdOf({ messageKey: 'a', userId: '1' }, 'cinema.example');
    expect(id).toMatch(/^<[0-9a-f]{40}@cinema\.example>$/);
    expect(messageIdOf({ messageKey: 'a', userId: '1' }, 'cinema.example')).toBe(id);
    expect(messageIdOf({ messageKey: 'a', userId: '2' }, 'cinema.example')).not.toBe(id);
    expect(messageIdOf({ messageKey: 'b', userId: '1' }, 'cinema.example')).not.toBe(id);
  });
});
