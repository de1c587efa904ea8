import { BullModule } from '@nestjs/bull';
import { Module } from '@nestjs/common';
import { EntitlementsModule } from '../entitlements/entitlements.module.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { PlansModule } from '../plans/plans.module.js';
import { RefundsModule } from '../refunds/refunds.module.js';
import { AdminSubscriptionsController } from './admin-subscriptions.controller.js';
import { AdministerSubscriptionsService } from './administer-subscriptions.service.js';
import { BuySubscriptionService } from './buy-subscription.service.js';
import { FulfilSubscriptionService } from './fulfil-subscription.service.js';
import { HoldersRepository } from './holders.repository.js';
import { PaidTimeModule } from './paid-time.module.js';
import { SubscribePageController } from './subscribe-page.controller.js';
import { RefundPeriodService } from './refund-period.service.js';
import { SubscriptionReportsController } from './subscription-reports.controller.js';
import { SubscriptionReportsRepository } from './subscription-reports.repository.js';
import { SubscriptionsController } from './subscriptions.controller.js';
import { SUBSCRIPTIONS_QUEUE, SubscriptionsProcessor } from './subscriptions.processor.js';

/** Everything about subscriptions that needs the payment provider or a door to the outside. */
@Module({
  imports: [
    PaidTimeModule,
    PlansModule,
    EntitlementsModule,
    PaymentsModule,
    RefundsModule,
    IdempotencyModule,
    LedgerModule,
    BullModule.registerQueue({ name: SUBSCRIPTIONS_QUEUE }),
  ],
  controllers: [
    SubscriptionsController,
    SubscriptionReportsController,
    AdminSubscriptionsController,
    SubscribePageController,
  ],
  providers: [
    BuySubscriptionService,
    FulfilSubscriptionService,
    RefundPeriodService,
    AdministerSubscriptionsService,
    SubscriptionReportsRepository,
    HoldersRepository,
    SubscriptionsProcessor,
  ],
})
export class SubscriptionsModule {}
