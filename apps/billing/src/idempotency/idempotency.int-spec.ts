import { hash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BadRequestException } from '@nestjs/common';
import { DomainError, UnavailableError } from '#libs/errors';
import { BooksLab } from '../../test/money/books-lab.js';
import { IdempotencyKeyReusedError } from './idempotency.errors.js';
import { IdempotencyRepository, type KeyScope } from './idempotency.repository.js';
import { type Answer, IdempotencyService } from './idempotency.service.js';

describe('keys that come at the same time', () => {
  let lab: BooksLab;
  let keys: IdempotencyService;
  let repository: IdempotencyRepository;
  beforeAll(async () => {
    lab = await BooksLab.open();
    repository = new IdempotencyRepository(lab.unitOfWork);
    keys = new IdempotencyService(repository);
  });
  afterAll(() => lab.close());

  const scope = (key: string = randomUUID()): KeyScope => ({ userId: randomUUID(), route: 'POST /tests', key });
  const once = (of: KeyScope, body: unknown, request: unknown = {}): Promise<Answer> =>
    keys.once(of, request, () => Promise.resolve({ status: 201, body }));

  it('are claimed together and answered together, each with its own answer', async () => {
    const scopes = Array.from({ length: 20 }, () => scope());
    const answers = await Promise.all(scopes.map((each, n) => once(each, { n })));
    expect(answers).toEqual(scopes.map((_, n) => ({ status: 201, body: { n } })));
    for (const [n, each] of scopes.entries()) expect(await once(each, 'never run')).toEqual(answers[n]);
    const [together] = await lab.rows<{ claims: number; answers: number }>(
      `SELECT count(DISTINCT created_at)::int AS claims, count(DISTINCT xmin::text)::int AS answers
         FROM idempotency_keys WHERE key = ANY($1)`,
      [scopes.map(({ key }) => key)],
    );
    expect(together).toEqual({ claims: 1, answers: 1 });
  });

  it('are found by their index to be answered, also by a plan of when they were few', async () => {
    await lab.unitOfWork.run(async () => {
      const { manager } = lab.unitOfWork;
      const scanned = async (): Promise<number> => {
        const [row] = await manager.query<{ rows: number }[]>(
          `SELECT seq_tup_read::int AS rows FROM pg_stat_xact_user_tables WHERE relname = 'idempotency_keys'`,
        );
        return row!.rows;
      };
      const before = await scanned();
      for (const count of [...Array<number>(8).fill(20), 5_000]) {
        const claimed = await manager.query<{ user_id: string; key: string; owner: string }[]>(
          `INSERT INTO idempotency_keys (user_id, route, key, request_hash, owner, locked_until)
           SELECT gen_random_uuid(), 'POST /tests', gen_random_uuid(), '\\x00', gen_random_uuid(), now()
             FROM generate_series(1, $1) RETURNING user_id, key, owner`,
          [count],
        );
        const some = claimed.slice(0, 20);
        await manager.query(
          `SELECT answer_idempotency_keys($1, array_fill('POST /tests'::text, ARRAY[$4::int]), $2, $3,
                    array_fill(201::smallint, ARRAY[$4::int]), array_fill('1'::text, ARRAY[$4::int]))`,
          [some.map((row) => row.user_id), some.map((row) => row.key), some.map((row) => row.owner), some.length],
        );
      }
      expect(await scanned()).toBe(before);
    });
  });

  it('are independent of each other when users happen to choose the same', async () => {
    const key = randomUUID();
    const scopes = [1, 2, 3].map(() => scope(key));
    const answers = await Promise.all(scopes.map((each, n) => once(each, n)));
    expect(answers.map(({ body }) => body)).toEqual([0, 1, 2]);
    // Later each hears its own answer again, and none another's.
    for (const [n, each] of scopes.entries()) expect(await once(each, 'never run')).toEqual(answers[n]);
  });

  it('are free again when what they were sent with is refused, also for another request', async () => {
    const [of, other] = [scope(), scope()];
    const refusals = [new DomainError('test.refused', 'conflict', 'refused'), new BadRequestException('refused')];
    for (const [n, each] of [of, other].entries())
      await expect(keys.once(each, { a: 1 }, () => Promise.reject(refusals[n]!))).rejects.toThrow('refused');
    expect(await once(of, 'done', { a: 1 })).toEqual({ status: 201, body: 'done' });
    expect(await once(other, 'done', { a: 2 })).toEqual({ status: 201, body: 'done' });
  });

  it.each([new UnavailableError('The provider'), new Error('a fault of ours')])(
    'stay with what they were sent with when it fails, and it runs again at once: %s',
    async (failure) => {
      const of = scope();
      await expect(keys.once(of, { a: 1 }, () => Promise.reject(failure))).rejects.toBe(failure);
      await expect(once(of, 'never run', { a: 2 })).rejects.toBeInstanceOf(IdempotencyKeyReusedError);
      const before = Date.now();
      expect(await once(of, 'done', { a: 1 })).toEqual({ status: 201, body: 'done' });
      expect(Date.now() - before).toBeLessThan(5_000);
    },
  );

  it('and are the same run their work once, for equal requests only', async () => {
    const same = scope();
    let runs = 0;
    const work = (): Promise<Answer> => Promise.resolve({ status: 201, body: ++runs });
    const asked = Array.from({ length: 8 }, () => keys.once(same, { a: 1 }, work));
    const other = keys.once(same, { a: 2 }, work);
    await expect(other).rejects.toBeInstanceOf(IdempotencyKeyReusedError);
    expect(await Promise.all(asked)).toEqual(asked.map(() => ({ status: 201, body: 1 })));
    expect(runs).toBe(1);
  });

  describe('once the time of their first request is over', () => {
    const expire = ({ key }: KeyScope) =>
      lab.rows(`UPDATE idempotency_keys SET locked_until = now() - interval '1 s' WHERE key = $1`, [key]);
    const hashOf = (request: unknown): Buffer => hash('sha256', JSON.stringify(request), 'buffer');

    it('are answered as before, and nothing is done again', async () => {
      const of = scope();
      await once(of, 'done');
      await expire(of);
      expect(await once(of, 'never run')).toEqual({ status: 201, body: 'done' });
    });

    it('and it was never answered, are run for an equal request, and for no other', async () => {
      const of = scope();
      await repository.claim(of, hashOf({ a: 1 }), randomUUID());
      await expire(of);
      await expect(once(of, 'never run', { a: 2 })).rejects.toBeInstanceOf(IdempotencyKeyReusedError);
      expect(await once(of, 'done', { a: 1 })).toEqual({ status: 201, body: 'done' });
    });

    it('listen to who runs them now, and to nobody who ran them before', async () => {
      const of = scope();
      const [first, second] = [randomUUID(), randomUUID()];
      expect(await repository.claim(of, hashOf(1), first)).toBe(true);
      await expire(of);
      expect(await repository.claim(of, hashOf(1), second)).toBe(true);
      const response = async () => (await repository.find(of))!.response;
      await repository.answer(of, first, 201, '"too late"');
      await repository.release(of, first);
      expect(await response()).toBeUndefined();
      await repository.answer(of, second, 201, '"done"');
      await repository.answer(of, first, 201, '"too late"');
      await repository.release(of, second);
      expect(await response()).toEqual({ status: 201, body: '"done"' });
    });
  });

  it('stay with their request for longer than any request may take', async () => {
    const of = scope();
    await once(of, 'done');
    const [row] = await lab.rows<{ seconds: number }>(
      'SELECT extract(epoch FROM locked_until - created_at)::int AS seconds FROM idempotency_keys WHERE key = $1',
      [of.key],
    );
    expect(row!.seconds).toBeGreaterThanOrEqual(45);
  });

  it('are kept in no transaction of the work', async () => {
    const outside = 'outside the transaction';
    await expect(lab.unitOfWork.run(() => once(scope(), 'done'))).rejects.toThrow(outside);
    const answered = lab.unitOfWork.run(() => repository.answer(scope(), randomUUID(), 201, '1'));
    await expect(answered).rejects.toThrow(outside);
  });

  it('lose nothing to one that cannot be kept', async () => {
    const [good, bad] = [scope(), scope('no\u0000key')];
    const hash = randomBytes(32);
    const claims = [bad, good].map((each) => repository.claim(each, hash, randomUUID()));
    const [refused, claimed] = await Promise.allSettled(claims);
    expect([refused!.status, claimed]).toEqual(['rejected', { status: 'fulfilled', value: true }]);
  });
});
