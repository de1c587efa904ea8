import { describe, expect, it } from 'vitest';
import { type Standing, withholdingAt } from './standing.js';

const now = new Date('2026-03-01T12:00:00.000Z');
const after = (ms: number): Date => new Date(+now + ms);
const good: Standing = { blocked: false, blockedUntil: null, deletedAt: null };

describe('withholdingAt', () => {
  it('withholds nothing from a user in good standing', () => {
    expect(withholdingAt(good, now)).toBeNull();
  });

  it('withholds from a blocked user until the block ends, and not at its last moment', () => {
    expect(withholdingAt({ ...good, blocked: true }, now)).toEqual({ reason: 'blocked', until: null });
    const until = after(1);
    expect(withholdingAt({ ...good, blocked: true, blockedUntil: until }, now)).toEqual({ reason: 'blocked', until });
    expect(withholdingAt({ ...good, blocked: true, blockedUntil: now }, now)).toBeNull();
  });

  it('withholds from a deleted user for ever, blocked or not', () => {
    const deleted = { ...good, deletedAt: after(-1) };
    expect(withholdingAt(deleted, now)).toEqual({ reason: 'deleted', until: null });
    expect(withholdingAt({ ...deleted, blocked: true, blockedUntil: after(1) }, now)?.reason).toBe('deleted');
  });
});
