import { randomUUID } from 'node:crypto';
import { type INestApplicationContext, Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type pg from 'pg';
import { EntitlementChangedV1, PostingRecordedV2 } from '#libs/contracts';
import { DatabaseModule, UnitOfWork } from '#libs/database';
import { UnavailableError } from '#libs/errors';
import { MessagingModule } from '#libs/messaging';
import { createTestDatabase, sqlPool, type TestDatabase, testNamespace, testStores } from '#libs/testing';
import { migrations } from '../../../../migrations/billing/index.js';
import { AccountsModule } from '../../src/accounts/accounts.module.js';
import { AccountsService } from '../../src/accounts/accounts.service.js';
import { Clock } from '../../src/clock/clock.js';
import { ClockModule } from '../../src/clock/clock.module.js';
import { EntitlementsCache } from '../../src/entitlements/entitlements.cache.js';
import { EntitlementsModule } from '../../src/entitlements/entitlements.module.js';
import { EntitlementsService } from '../../src/entitlements/entitlements.service.js';
import { LedgerModule } from '../../src/ledger/ledger.module.js';
import { LedgerService } from '../../src/ledger/ledger.service.js';
import { MoneyModule } from '../../src/money/money.module.js';
import { BillingConfig } from '../../src/billing.config.js';
import { PaymentFulfilments } from '../../src/payments/payment-fulfilments.js';
import type { Payment } from '../../src/payments/payment.js';
import { PaymentsRepository } from '../../src/payments/payments.repository.js';
import { DemoPlansService } from '../../src/plans/demo-plans.service.js';
import type { PlanOffer } from '../../src/plans/plan.js';
import { PlansModule } from '../../src/plans/plans.module.js';
import { FulfilSubscriptionService } from '../../src/subscriptions/fulfil-subscription.service.js';
import { PaidTimeModule } from '../../src/subscriptions/paid-time.module.js';
import { SUBSCRIPTION_EVENTS } from '../../src/subscriptions/subscription-news.service.js';
import { SubscriptionsService } from '../../src/subscriptions/subscriptions.service.js';
import { UsersModule } from '../../src/users/users.module.js';
import { offerOf } from './offers.js';

/** A clock that stands where the test puts it. */
export class TestClock extends Clock {
  private at = new Date('2026-01-31T09:00:00.000Z');

  override now(): Promise<Date> {
    return Promise.resolve(this.at);
  }

  set(at: Date | string): void {
    this.at = new Date(at);
  }
}

/** The subscription features on a database of their own, without the payment provider: money arrives by `pay`. */
export class SubscriptionsLab {
  readonly clock: TestClock;
  readonly entitlements: EntitlementsService;
  readonly subscriptions: SubscriptionsService;
  readonly unitOfWork: UnitOfWork;

  private constructor(
    private readonly app: INestApplicationContext,
    private readonly database: TestDatabase,
    /** As superuser. */
    readonly sql: pg.Pool,
  ) {
    this.clock = app.get<TestClock>(Clock);
    this.entitlements = app.get(EntitlementsService);
    this.subscriptions = app.get(SubscriptionsService);
    this.unitOfWork = app.get(UnitOfWork);
  }

  /** Does it again while the database is too busy, as a client, the provider and the sweeper do. */
  async untilDone<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
      }
    }
  }

  static async open(): Promise<SubscriptionsLab> {
    const database = await createTestDatabase('billing', migrations);
    const module = await Test.createTestingModule({
      imports: [
        DatabaseModule.forRoot({
          url: database.appUrl,
          entities: [],
          applicationName: 'subscriptions lab',
          poolSize: 20,
        }),
        MessagingModule.forRootAsync({
          app: 'billing',
          consumes: {},
          publishes: [PostingRecordedV2, EntitlementChangedV1, ...SUBSCRIPTION_EVENTS],
          inbox: 'none',
          outbox: true,
          useFactory: () => ({ urls: [testStores().TEST_RABBITMQ_URL], namespace: testNamespace() }),
        }),
        ClockModule,
        MoneyModule,
        AccountsModule,
        LedgerModule,
        PlansModule,
        EntitlementsModule,
        PaidTimeModule,
        UsersModule,
      ],
      providers: [
        PaymentFulfilments,
        FulfilSubscriptionService,
        PaymentsRepository,
        { provide: BillingConfig, useValue: { BILLING_SECOND_PAYMENT: 'extend' } },
      ],
    })
      .overrideProvider(Clock)
      .useClass(TestClock)
      // The clock jumps: nothing may be kept across a jump.
      .overrideProvider(EntitlementsCache)
      .useValue({ find: () => undefined, now: () => undefined, keep: () => undefined, forget: () => undefined })
      .compile();
    Logger.overrideLogger(['error']);
    const app = await module.init();
    await app.get(DemoPlansService).seed();
    return new SubscriptionsLab(app, database, sqlPool(database.adminUrl, 4));
  }

  get<T>(token: new (...args: never[]) => T): T {
    return this.app.get<T>(token);
  }

  /** A captured payment for a demonstration plan, as the payments feature hands it over. */
  payment(userId: string, months: 1 | 3 | 6 = 1, currency = 'EUR', id: string = randomUUID()): Payment {
    return paymentFor(userId, offerOf(months, currency), id);
  }

  /** Settles a payment: its fulfilment in a transaction of its own. */
  async pay(payment: Payment): Promise<{ transactionId: string }> {
    return this.unitOfWork.run(() => this.app.get(PaymentFulfilments).of('subscription').fulfil(payment));
  }

  /** Puts money into a wallet, as a top-up would. */
  async give(userId: string, currency: string, amountMinor: bigint): Promise<void> {
    const wallet = await this.app.get(AccountsService).wallet(userId, currency);
    const id = randomUUID();
    await this.app.get(LedgerService).post({
      userId,
      kind: 'top_up',
      idempotencyKey: `gift:${id}`,
      legs: [{ code: 'gift', debit: 'system:adjustments', credit: `account:${wallet.id}`, currency, amountMinor }],
      source: { type: 'test', id },
      actor: 'system',
    });
  }

  /** What is in a wallet; nothing when there is none. */
  async balance(userId: string, currency: string): Promise<bigint> {
    const balances = await this.app.get(LedgerService).balances(userId);
    return balances.find((balance) => balance.currency === currency)?.balanceMinor ?? 0n;
  }

  /** Rows of a query as superuser. */
  async rows<T extends pg.QueryResultRow>(query: string, parameters: unknown[] = []): Promise<T[]> {
    return (await this.sql.query<T>(query, parameters)).rows;
  }

  /** Payloads of the events of one name about a user, oldest first. */
  async events<T>(name: string, userId: string): Promise<T[]> {
    const rows = await this.rows<{ payload: T }>(
      `SELECT envelope->'payload' AS payload FROM outbox
        WHERE envelope->>'name' = $1 AND envelope->'payload'->>'userId' = $2 ORDER BY id`,
      [name, userId],
    );
    return rows.map((row) => row.payload);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.sql.end();
    await this.database.drop();
  }
}

function paymentFor(userId: string, offer: PlanOffer, id: string): Payment {
  const now = new Date();
  return {
    id,
    userId,
    purpose: 'subscription',
    status: 'processing',
    amountMinor: BigInt(offer.amountMinor),
    currency: offer.currency,
    description: 'a plan',
    snapshot: { ...offer },
    clientKey: id,
    intentKey: null,
    returnPath: '/payments/{id}/return',
    expiresAt: now,
    sessionExpiresAt: now,
    sessionId: null,
    sessionUrl: null,
    intentId: null,
    transactionId: null,
    reviewReason: null,
    refundDue: null,
    attempts: 0,
    refundRequestedMinor: 0n,
    refundedMinor: 0n,
    disputedMinor: 0n,
    takenMinor: 0n,
    clawedMinor: 0n,
    createdAt: now,
    settledAt: null,
  };
}
