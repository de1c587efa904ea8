import { Module } from '@nestjs/common';
import { AccessModule } from '#libs/access';
import { UnitOfWork } from '#libs/database';
import { HealthModule } from '#libs/http';
import { DeadLettersModule, type RecordAct } from '#libs/messaging';
import { PagesModule } from '#libs/pages';
import { ThrottlingModule } from '#libs/throttling';
import { AccountsModule } from './accounts/accounts.module.js';
import { AdjustmentsModule } from './adjustments/adjustments.module.js';
import { AuditModule } from './audit/audit.module.js';
import { AuditService } from './audit/audit.service.js';
import { BillingConfig } from './billing.config.js';
import { healthChecks } from './billing.health.js';
import { billingStores } from './billing.stores.js';
import { BooksModule } from './books/books.module.js';
import { ClockModule } from './clock/clock.module.js';
import { ConfigModule } from './config.module.js';
import { ConversionsModule } from './conversions/conversions.module.js';
import { CurrenciesModule } from './currencies/currencies.module.js';
import { DisputesModule } from './disputes/disputes.module.js';
import { EntitlementsModule } from './entitlements/entitlements.module.js';
import { HistoryModule } from './history/history.module.js';
import { MoneyModule } from './money/money.module.js';
import { PaymentsModule } from './payments/payments.module.js';
import { PlansModule } from './plans/plans.module.js';
import { ProfilesModule } from './profiles/profiles.module.js';
import { QuotesModule } from './quotes/quotes.module.js';
import { RatesModule } from './rates/rates.module.js';
import { ReconciliationModule } from './reconciliation/reconciliation.module.js';
import { RefundsModule } from './refunds/refunds.module.js';
import { SubscriptionsModule } from './subscriptions/subscriptions.module.js';
import { TopUpsModule } from './topups/topups.module.js';
import { UsersModule } from './users/users.module.js';

/** The service: libs and features, nothing else. */
@Module({
  imports: [
    ConfigModule,
    ...billingStores(),
    AccessModule.forRootAsync({
      inject: [BillingConfig],
      useFactory: (config: BillingConfig) => ({
        issuer: config.AUTH_ISSUER,
        audience: 'billing',
        jwksUrl: config.AUTH_JWKS_URL,
        redisUrl: config.REDIS_URL,
        serviceKeys: config.BILLING_SERVICE_KEYS,
      }),
    }),
    // After the access guard: it counts the services that one has named.
    ThrottlingModule.forRootAsync({
      inject: [BillingConfig],
      useFactory: (config: BillingConfig) => ({ redisUrl: config.REDIS_URL, app: 'billing' }),
    }),
    HealthModule.forRootAsync(healthChecks),
    DeadLettersModule.forRootAsync({
      inject: [UnitOfWork, AuditService],
      useFactory:
        (unitOfWork: UnitOfWork, audit: AuditService): RecordAct =>
        ({ consumer, ids, ...act }) =>
          unitOfWork.run(() => audit.record({ ...act, subject: { type: 'consumer', id: consumer }, details: { ids } })),
    }),
    PagesModule,
    ClockModule,
    MoneyModule,
    AuditModule,
    AccountsModule,
    AdjustmentsModule,
    BooksModule,
    ConversionsModule,
    CurrenciesModule,
    DisputesModule,
    EntitlementsModule,
    HistoryModule,
    PaymentsModule,
    PlansModule,
    ProfilesModule,
    QuotesModule,
    RatesModule,
    ReconciliationModule,
    RefundsModule,
    SubscriptionsModule,
    TopUpsModule,
    UsersModule,
  ],
})
export class BillingModule {}
