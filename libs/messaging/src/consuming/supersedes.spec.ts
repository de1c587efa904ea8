import { describe, expect, it } from 'vitest';
import { supersedes } from './supersedes.js';

describe('an event', () => {
  it('supersedes an older state, and a missing one', () => {
    expect(supersedes({ aggregateVersion: 2 }, 1)).toBe(true);
    expect(supersedes({ aggregateVersion: 1 }, undefined)).toBe(true);
  });

  it('does not supersede its own state or a newer one', () => {
    expect(supersedes({ aggregateVersion: 2 }, 2)).toBe(false);
    expect(supersedes({ aggregateVersion: 2 }, 3)).toBe(false);
  });
});
