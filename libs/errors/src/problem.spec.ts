import { NotFoundException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { DomainError, UnavailableError, ValidationFailedError } from './domain-error.js';
import { toProblem } from './problem.js';

describe('problem documents', () => {
  it('keep the stable code and the facts of a domain error', () => {
    const error = new DomainError('account.insufficient_funds', 'payment_required', 'Not enough money.', {
      meta: { missing: { amount: '1.00', currency: 'EUR' } },
    });
    expect(toProblem(error).problem).toMatchObject({
      status: 402,
      code: 'account.insufficient_funds',
      missing: { amount: '1.00', currency: 'EUR' },
    });
  });

  it('let no extension member overwrite the status or the code', () => {
    const error = new DomainError('a.b', 'conflict', 'No.', { meta: { status: 200, code: 'x' } });
    expect(toProblem(error).problem).toMatchObject({ status: 409, code: 'a.b' });
  });

  it('tell of the limit that was reached in the headers of 429', () => {
    const limit = { by: 'identifier', most: 10 };
    const { headers } = toProblem(new DomainError('a.b', 'too_many', 'Wait.', { retryAfterSeconds: 7, limit }));
    expect(headers).toEqual({
      'retry-after': '7',
      'ratelimit-limit-identifier': '10',
      'ratelimit-remaining-identifier': '0',
      'ratelimit-reset-identifier': '7',
    });
  });

  it('answer 503 with Retry-After when a dependency is down', () => {
    const { problem, headers } = toProblem(new UnavailableError('PostgreSQL', new Error('ECONNREFUSED 10.0.0.1')));
    expect(problem.status).toBe(503);
    expect(headers['retry-after']).toBe('2');
    expect(JSON.stringify(problem)).not.toContain('ECONNREFUSED');
  });

  it('tell nothing about an error nobody foresaw', () => {
    const { problem } = toProblem(new Error('select * from secrets'));
    expect(problem).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      detail: 'Something unexpected happened.',
      code: 'service.unexpected',
    });
  });

  it('give framework errors their own codes', () => {
    expect(toProblem(new NotFoundException()).problem.code).toBe('route.not_found');
    expect(toProblem(Object.assign(new Error('too big'), { statusCode: 413 })).problem.code).toBe('request.too_large');
  });

  it('list every invalid field', () => {
    const errors = [{ field: 'email', message: 'email must be an email' }];
    expect(toProblem(new ValidationFailedError(errors)).problem).toMatchObject({ status: 422, errors });
  });
});
