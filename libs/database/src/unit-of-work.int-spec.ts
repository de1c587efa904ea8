import { setTimeout as delay } from 'node:timers/promises';
import { Test, type TestingModule } from '@nestjs/testing';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  DatabaseModule,
  isRetryable,
  outboxTablesDownV1,
  outboxTablesUpV1,
  UnitOfWork,
  violatedConstraint,
} from '#libs/database';
import { sqlClient, testStores, uniqueName } from '#libs/testing';

const database = uniqueName('database');
let admin: pg.Client;
let module: TestingModule;
let unitOfWork: UnitOfWork;

beforeAll(async () => {
  admin = sqlClient(testStores().TEST_POSTGRES_URL);
  await admin.connect();
  await admin.query(`CREATE DATABASE ${database}`);
  const url = Object.assign(new URL(testStores().TEST_POSTGRES_URL), { pathname: `/${database}` }).href;
  module = await Test.createTestingModule({
    imports: [DatabaseModule.forRoot({ url, entities: [], applicationName: database, poolSize: 5 })],
  }).compile();
  await module.init();
  unitOfWork = module.get(UnitOfWork);
  await query('CREATE TABLE notes (id int)');
  await query('CREATE TABLE accounts (id int CONSTRAINT pk_accounts PRIMARY KEY, balance int NOT NULL)');
});
beforeEach(async () => {
  await query('TRUNCATE accounts');
  await query('INSERT INTO accounts VALUES (1, 100), (2, 100)');
});
afterAll(async () => {
  await module?.close();
  await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
  await admin.end();
});

/** In the ambient transaction, if there is one. */
async function query<T extends object = { balance: number }>(sql: string): Promise<T[]> {
  return unitOfWork.manager.query<T[]>(sql);
}

async function balance(id: number): Promise<number> {
  return (await query(`SELECT balance FROM accounts WHERE id = ${id}`))[0]!.balance;
}

/** A place where so many meet once: each waits for the others; who comes later passes. */
function meeting(size: number): () => Promise<void> {
  let open: () => void = () => undefined;
  const all = new Promise<void>((resolve) => (open = resolve));
  let present = 0;
  return () => {
    if (++present === size) open();
    return all;
  };
}

describe('a unit of work', () => {
  it('commits what was done anywhere inside it, together', async () => {
    const result = await unitOfWork.run(async () => {
      await query('UPDATE accounts SET balance = balance - 10 WHERE id = 1');
      return unitOfWork.run(async () => {
        await query('UPDATE accounts SET balance = balance + 10 WHERE id = 2');
        return 'moved';
      });
    });
    expect([result, await balance(1), await balance(2)]).toEqual(['moved', 90, 110]);
  });

  it('leaves nothing behind when it fails, what a nested one did included', async () => {
    const failing = unitOfWork.run(async () => {
      await unitOfWork.run(() => query('UPDATE accounts SET balance = 0'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await balance(1)).toBe(100);
  });

  it('calls back after the commit, never after a rollback', async () => {
    const calls: string[] = [];
    await unitOfWork.run(async () => {
      unitOfWork.afterCommit(() => void calls.push(`committed, inside: ${unitOfWork.inTransaction}`));
      await query('SELECT 1');
      expect(calls).toEqual([]);
    });
    const failing = unitOfWork.run(async () => {
      unitOfWork.afterCommit(() => void calls.push('rolled back'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow();
    await delay(10);
    expect(calls).toEqual(['committed, inside: false']);
  });

  it('refuses work that outlives it instead of writing outside the transaction', async () => {
    let outlived: Promise<unknown> | undefined;
    await unitOfWork.run(async () => {
      outlived = delay(30).then(() => query('UPDATE accounts SET balance = 0'));
      outlived.catch(() => undefined);
    });
    await expect(outlived).rejects.toThrow('has ended');
    expect(await balance(1)).toBe(100);
  });

  it('is run again after a serialization failure', async () => {
    let runs = 0;
    const bothHaveRead = meeting(2);
    const add = (): Promise<void> =>
      unitOfWork.run(
        async () => {
          runs++;
          const before = await balance(1);
          await bothHaveRead();
          await query(`UPDATE accounts SET balance = ${before + 1} WHERE id = 1`);
        },
        { isolation: 'SERIALIZABLE' },
      );
    await Promise.all([add(), add()]);
    expect(await balance(1)).toBe(102);
    expect(runs).toBeGreaterThan(2);
  });

  it('is run again after a deadlock', async () => {
    const bothHaveLocked = meeting(2);
    const move = (from: number, to: number): Promise<void> =>
      unitOfWork.run(async () => {
        await query(`UPDATE accounts SET balance = balance - 1 WHERE id = ${from}`);
        await bothHaveLocked();
        await query(`UPDATE accounts SET balance = balance + 1 WHERE id = ${to}`);
      });
    await Promise.all([move(1, 2), move(2, 1)]);
    expect([await balance(1), await balance(2)]).toEqual([100, 100]);
  });

  it('past its limit of time is cut off and rolled back, even in the middle of a query', async () => {
    const started = Date.now();
    const slow = unitOfWork.run(
      async () => {
        await query('INSERT INTO notes VALUES (1)');
        await query('SELECT pg_sleep(3)');
      },
      { timeoutMs: 100 },
    );
    await expect(slow).rejects.toMatchObject({ kind: 'unavailable' });
    expect(Date.now() - started).toBeLessThan(2_500);
    // Where the server sees that nobody waits, it rolls back.
    await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(3)'`);
    expect(await query('SELECT * FROM notes')).toEqual([]);
  });

  it('sends queries asked for at once one after the other, in their order', async () => {
    const warned = vi.fn<(warning: Error) => void>();
    process.on('warning', warned);
    onTestFinished(() => void process.off('warning', warned));
    const answers = await unitOfWork.run(() =>
      Promise.allSettled([
        query<{ n: number }>('SELECT 1 AS n FROM pg_sleep(0.02)'),
        query<{ n: number }>('SELECT 2 AS n'),
        query('SELECT nothing'),
        query<{ n: number }>('SELECT 4 AS n'),
      ]),
    );
    expect(answers).toMatchObject([
      { value: [{ n: 1 }] },
      { value: [{ n: 2 }] },
      { reason: { code: '42703' } },
      // What comes after a fault in a transaction.
      { reason: { code: '25P02' } },
    ]);
    expect(warned.mock.calls).toEqual([]);
  });

  it('reports a violated constraint as it is, by its name', async () => {
    const failing = unitOfWork.run(() => query('INSERT INTO accounts VALUES (1, 1)'));
    const error: unknown = await failing.catch((caught: unknown) => caught);
    expect([violatedConstraint(error), isRetryable(error)]).toEqual(['pk_accounts', false]);
  });
});

describe('a database that does not answer', () => {
  it('is reported as unavailable while it only lets itself be read, as before a failover is over', async () => {
    const write = unitOfWork.run(async () => {
      await query('SET TRANSACTION READ ONLY');
      await query('INSERT INTO notes VALUES (1)');
    });
    await expect(write).rejects.toMatchObject({ code: 'service.unavailable', kind: 'unavailable' });
    expect(await query('SELECT 1 AS alive')).toEqual([{ alive: 1 }]);
  });

  it('is reported as unavailable when it cuts the session, and works again with the next', async () => {
    const cut = unitOfWork.run(async () => {
      const [row] = await query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await admin.query(`SELECT pg_terminate_backend(${row!.pid})`);
      await query('SELECT 1');
    });
    await expect(cut).rejects.toMatchObject({ kind: 'unavailable', retryAfterSeconds: 2 });
    expect(await balance(1)).toBe(100);
  });

  it('is reported as unavailable when the driver has noticed the cut before the next query', async () => {
    const cut = unitOfWork.run(async () => {
      const [row] = await query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await admin.query(`SELECT pg_terminate_backend(${row!.pid})`);
      await vi.waitUntil(() => unitOfWork.requireTransaction().isReleased);
      await query('SELECT 1');
    });
    await expect(cut).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('is reported as unavailable when the driver has noticed the cut before the commit', async () => {
    const cut = unitOfWork.run(async () => {
      const [row] = await query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await admin.query(`SELECT pg_terminate_backend(${row!.pid})`);
      await vi.waitUntil(() => unitOfWork.requireTransaction().isReleased);
    });
    await expect(cut).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('is reported as unavailable when a row stays locked longer than the limit', async () => {
    const holder = await holdRow();
    const started = Date.now();
    await expect(query('UPDATE accounts SET balance = 0 WHERE id = 1')).rejects.toMatchObject({ kind: 'unavailable' });
    expect(Date.now() - started).toBeLessThan(4_000);
    await holder.end();
  });

  async function holdRow(): Promise<pg.Client> {
    const url = Object.assign(new URL(testStores().TEST_POSTGRES_URL), { pathname: `/${database}` }).href;
    const client = sqlClient(url);
    await client.connect();
    await client.query('BEGIN');
    await client.query('UPDATE accounts SET balance = 1 WHERE id = 1');
    return client;
  }
});

describe('the tables of the event flow', () => {
  it('are made and removed again', async () => {
    await unitOfWork.run(async () => {
      for (const statement of outboxTablesUpV1('CURRENT_USER')) await query(statement);
      await query('SELECT message_id, sent_at FROM outbox');
      for (const statement of outboxTablesDownV1()) await query(statement);
    });
    expect(await query(`SELECT 1 FROM pg_class WHERE relname IN ('outbox', 'inbox')`)).toEqual([]);
  });
});

describe('a database whose statements are prepared', () => {
  it('prepares each once per connection, in a transaction or not, and answers alike', async () => {
    const url = Object.assign(new URL(testStores().TEST_POSTGRES_URL), { pathname: `/${database}` }).href;
    const preparing = await Test.createTestingModule({
      imports: [DatabaseModule.forRoot({ url, entities: [], applicationName: database, poolSize: 1, prepares: true })],
    }).compile();
    onTestFinished(() => preparing.close());
    const unit = preparing.get(UnitOfWork);
    const statement = 'SELECT $1::int + 1 AS next';
    const next = async (n: number): Promise<unknown> => unit.manager.query(statement, [n]);
    for (let n = 1; n < 8; n++) expect(await next(n)).toEqual([{ next: n + 1 }]);
    expect(await unit.run(() => next(8))).toEqual([{ next: 9 }]);
    await expect(unit.run(() => unit.manager.query('SELECT 1 / $1::int', [0]))).rejects.toThrow('division by zero');
    const prepared = await unit.manager.query<{ statement: string }[]>('SELECT statement FROM pg_prepared_statements');
    expect(prepared.filter((each) => each.statement === statement)).toHaveLength(1);
  });
});
