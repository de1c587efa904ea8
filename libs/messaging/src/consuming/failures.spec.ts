import { describe, expect, it } from 'vitest';
import { TransactionTimeoutError } from '#libs/database';
import { DomainError, type ErrorKind, UnavailableError } from '#libs/errors';
import { judge } from './failures.js';

const limits = { retryDelaysMs: [1_000, 5_000, 30_000], maxAttempts: 4, maxUnavailableAttempts: 50 };

describe('a handler that fails', () => {
  it.each<ErrorKind>([
    'invalid',
    'unauthenticated',
    'payment_required',
    'forbidden',
    'not_found',
    'conflict',
    'too_many',
  ])('with a DomainError of kind %s is never tried again', (kind) => {
    expect(judge(new DomainError('some.code', kind, 'no'), 1, limits)).toEqual({ to: 'dead', reason: 'some.code' });
  });

  it('with an unknown error is tried again after growing pauses, then given up', () => {
    const verdicts = [1, 2, 3, 4].map((attempt) => judge(new TypeError('bug'), attempt, limits));
    expect(verdicts).toEqual([
      { to: 'retry', delayMs: 1_000 },
      { to: 'retry', delayMs: 5_000 },
      { to: 'retry', delayMs: 30_000 },
      { to: 'dead', reason: 'message.attempts_exhausted' },
    ]);
  });

  it('because a dependency is unavailable is tried for much longer', () => {
    const error = new UnavailableError('The database');
    expect(judge(error, 49, limits)).toEqual({ to: 'retry', delayMs: 30_000 });
    expect(judge(error, 50, limits)).toEqual({ to: 'dead', reason: 'message.attempts_exhausted' });
  });

  it('because it never ends is given up like any other', () => {
    expect(judge(new TransactionTimeoutError(100), 4, limits)).toEqual({
      to: 'dead',
      reason: 'message.attempts_exhausted',
    });
  });
});
