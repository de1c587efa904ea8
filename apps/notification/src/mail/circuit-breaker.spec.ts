import { beforeEach, describe, expect, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.js';

let now = 1_000_000;
let breaker: CircuitBreaker;
const record = (ok: boolean, times: number): void => {
  for (let time = 0; time < times; time++) breaker.record(ok);
};

beforeEach(() => {
  breaker = new CircuitBreaker({ windowMs: 60_000, leastResults: 20, failureShare: 0.2, openMs: 15_000 }, () => now);
});

describe('a circuit breaker', () => {
  it('opens at a fifth of failures among twenty, not before', () => {
    record(true, 16);
    record(false, 3);
    expect(breaker.allows()).toBe(true);
    record(false, 1);
    expect(breaker.allows()).toBe(false);
    expect(breaker.waits).toBe(true);
  });

  it('forgets what is older than its window', () => {
    record(false, 19);
    now += 61_000;
    record(true, 19);
    record(false, 1);
    expect(breaker.waits).toBe(false);
  });

  it('lets one try through after its rest; success closes it, failure opens it again', () => {
    record(false, 20);
    now += 15_000;
    expect([breaker.allows(), breaker.allows()]).toEqual([true, false]);
    breaker.record(false);
    expect(breaker.allows()).toBe(false);
    now += 15_000;
    expect(breaker.allows()).toBe(true);
    breaker.record(true);
    expect([breaker.allows(), breaker.allows()]).toEqual([true, true]);
  });

  it('is not closed by a mail that was already on its way when it opened', () => {
    record(false, 20);
    breaker.record(true);
    expect(breaker.waits).toBe(true);
  });
});
