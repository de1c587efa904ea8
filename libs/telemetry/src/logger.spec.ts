import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { QueryFailedError } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { createLogger, NestLogger, stackOf } from './logger.js';
import { acceptedRequestId, requestContext } from './request-context.js';

function capture(): { logger: NestLogger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  return { logger: new NestLogger(createLogger('auth', 'info', sink)), lines };
}

describe('the logger', () => {
  it("writes Nest's context and message as fields", () => {
    const { logger, lines } = capture();
    logger.log('started', 'Main');
    expect(lines[0]).toMatchObject({ msg: 'started', context: 'Main' });
  });

  it('keeps the fields of an object and the message beside it', () => {
    const { logger, lines } = capture();
    logger.warn({ userId: 'u1' }, 'odd', 'Users');
    expect(lines[0]).toMatchObject({ msg: 'odd', userId: 'u1', context: 'Users' });
  });

  it('writes one line for a message with line breaks', () => {
    const { logger, lines } = capture();
    logger.log('a\r\n{"level":60}', 'X');
    expect(lines).toHaveLength(1);
  });

  it('writes of a failed statement what failed and where, and none of its values', () => {
    const { logger, lines } = capture();
    const fault = Object.assign(new Error('duplicate key value violates unique constraint "uq_users_email"'), {
      code: '23505',
      constraint: 'uq_users_email',
      detail: 'Key (email)=(ann@example.com) already exists.',
    });
    const error = new QueryFailedError('INSERT INTO users VALUES ($1, $2)', ['ann@example.com', '$argon2id$'], fault);
    logger.error({ err: error }, 'internal', 'ProblemFilter');
    logger.error(error);
    logger.error({ err: new Error('not saved', { cause: error }) }, 'internal', 'ProblemFilter');
    const [first, second, third] = lines;
    expect(first).toMatchObject({
      msg: 'internal',
      err: { type: 'QueryFailedError', message: fault.message, code: '23505', constraint: 'uq_users_email' },
    });
    expect(second).toMatchObject({ err: first!['err'] });
    expect(third).toMatchObject({ err: { message: `not saved: ${fault.message}` } });
    expect(JSON.stringify(lines)).toContain('logger.spec.ts');
    expect(JSON.stringify(lines)).not.toMatch(/ann@|argon2|INSERT/);
    expect(inspect(stackOf(new Error('not saved', { cause: error })))).toMatch(
      /not saved[^]*duplicate key[^]*logger\.spec/,
    );
    expect(inspect(stackOf(error))).not.toMatch(/ann@|argon2|INSERT/);
  });
});

describe('the request being worked on', () => {
  it('knows the service that asks, and forgets it with the request', () => {
    requestContext.run({ requestId: 'r1' }, () => {
      expect(requestContext.caller()).toBeUndefined();
      requestContext.setCaller('player');
      expect(requestContext.caller()).toBe('player');
    });
    expect(requestContext.caller()).toBeUndefined();
  });
});

describe('a request id from outside', () => {
  it('is taken when harmless', () => {
    expect(acceptedRequestId('abc-123_DEF.4:5')).toBe('abc-123_DEF.4:5');
  });

  it.each([undefined, '', 'a b', 'a\r\nb', 'x'.repeat(129), ['a'], '<script>'])('is refused when it is %j', (value) => {
    expect(acceptedRequestId(value)).toBeUndefined();
  });
});
