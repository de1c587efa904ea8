import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type pg from 'pg';
import { PostingRecordedV2, TopUpSettledV1 } from '#libs/contracts';
import { DatabaseModule, UnitOfWork } from '#libs/database';
import { MessagingModule, Outbox } from '#libs/messaging';
import { createTestDatabase, sqlPool, type TestDatabase, testNamespace, testStores } from '#libs/testing';
import { migrations } from '../../../../migrations/billing/index.js';
import { AccountsModule } from '../../src/accounts/accounts.module.js';
import { AccountsService } from '../../src/accounts/accounts.service.js';
import { ClockModule } from '../../src/clock/clock.module.js';
import type { Posted, PostingRequest } from '../../src/ledger/ledger.js';
import { LedgerModule } from '../../src/ledger/ledger.module.js';
import type { PostingOutput } from '../../src/ledger/ledger.repository.js';
import { LedgerService } from '../../src/ledger/ledger.service.js';
import { toInput } from '../../src/ledger/posting-input.js';
import { MoneyModule } from '../../src/money/money.module.js';

/** The books on a database of their own. */
export class BooksLab {
  readonly ledger: LedgerService;
  readonly accounts: AccountsService;
  readonly outbox: Outbox;
  readonly unitOfWork: UnitOfWork;

  private constructor(
    private readonly app: INestApplicationContext,
    readonly database: TestDatabase,
    /** As superuser: sees everything and may tamper. */
    readonly sql: pg.Pool,
    /** With the rights of the service. */
    readonly asService: pg.Pool,
  ) {
    this.ledger = app.get(LedgerService);
    this.accounts = app.get(AccountsService);
    this.outbox = app.get(Outbox);
    this.unitOfWork = app.get(UnitOfWork);
  }

  static async open(): Promise<BooksLab> {
    const database = await createTestDatabase('billing', migrations);
    const module = await Test.createTestingModule({
      imports: [
        DatabaseModule.forRoot({ url: database.appUrl, entities: [], applicationName: 'books lab', poolSize: 32 }),
        MessagingModule.forRootAsync({
          app: 'billing',
          consumes: {},
          publishes: [PostingRecordedV2, TopUpSettledV1],
          inbox: 'none',
          outbox: true,
          useFactory: () => ({ urls: [testStores().TEST_RABBITMQ_URL], namespace: testNamespace() }),
        }),
        ClockModule,
        MoneyModule,
        AccountsModule,
        LedgerModule,
      ],
    }).compile();
    const app = await module.init();
    return new BooksLab(app, database, sqlPool(database.adminUrl, 4), sqlPool(database.appUrl, 4));
  }

  async close(): Promise<void> {
    await this.app.close();
    await Promise.all([this.sql.end(), this.asService.end()]);
    await this.database.drop();
  }

  /** A new user's wallet with so much in it. */
  async wallet(amountMinor: bigint, currency = 'USD'): Promise<{ userId: string; walletId: string }> {
    const userId = randomUUID();
    const { id: walletId } = await this.accounts.wallet(userId, currency);
    if (amountMinor > 0n) await this.ledger.post(credit(userId, walletId, amountMinor, currency));
    return { userId, walletId };
  }

  /** Posts many transactions by one call, each on its own merits; undefined stands for one that was refused. */
  async postTogether(requests: PostingRequest[]): Promise<(Posted | undefined)[]> {
    const { rows } = await this.asService.query<{ results: PostingOutput[] }>(
      'SELECT post_transactions($1) AS results',
      [JSON.stringify(requests.map(toInput))],
    );
    return rows[0]!.results.map((result) =>
      result.status === 'posted' || result.status === 'replayed'
        ? { ...result, recordedAt: new Date(result.recordedAt), replayed: result.status === 'replayed' }
        : undefined,
    );
  }

  async balance(userId: string, walletId: string): Promise<bigint> {
    return (await this.accounts.get(userId, walletId)).balanceMinor;
  }

  async rows<T>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.sql.query(text, values)).rows as T[];
  }
}

/** Money from outside into a wallet. */
export function credit(userId: string, walletId: string, amountMinor: bigint, currency = 'USD'): PostingRequest {
  return {
    userId,
    kind: 'top_up',
    idempotencyKey: randomUUID(),
    legs: [{ code: 'capture', debit: 'system:psp_clearing', credit: `account:${walletId}`, currency, amountMinor }],
    source: { type: 'test', id: randomUUID() },
    actor: 'system',
  };
}

/** Money out of a wallet, for a purchase. */
export function spend(userId: string, walletId: string, amountMinor: bigint, currency = 'USD'): PostingRequest {
  const leg = { code: 'purchase', debit: `account:${walletId}`, credit: 'system:deferred_revenue' } as const;
  return { ...credit(userId, walletId, amountMinor), kind: 'purchase', legs: [{ ...leg, currency, amountMinor }] };
}
