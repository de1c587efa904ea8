import { describe, expect, it } from 'vitest';
import { stateOf } from './sync-dispute.service.js';

describe('a dispute', () => {
  it.each([
    ['warning_needs_response', 'warning'],
    ['warning_under_review', 'warning'],
    ['warning_closed', 'warning'],
    ['prevented', 'warning'],
    ['needs_response', 'open'],
    ['under_review', 'open'],
    ['a state of tomorrow', 'open'],
    ['won', 'won'],
    ['lost', 'lost'],
  ])('that is %s at the provider is %s for us', (status, state) => {
    expect(stateOf(status)).toBe(state);
  });
});
