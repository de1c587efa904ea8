import { BullModule } from '@nestjs/bull';
import { Module } from '@nestjs/common';
import { EntitlementsModule } from '../entitlements/entitlements.module.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { PlansModule } from '../plans/plans.module.js';
import { BuySubscriptionService } from './buy-subscription.service.js';
import { FulfilSubscriptionService } from './fulfil-subscription.service.js';
import { PaidTimeModule } from './paid-time.module.js';
import { SubscriptionsController } from './subscriptions.controller.js';
import { SUBSCRIPTIONS_QUEUE, SubscriptionsProcessor } from './subscriptions.processor.js';

/** Everything about subscriptions that needs the payment provider or a door to the outside. */
@Module({
  imports: [
    PaidTimeModule,
    PlansModule,
    EntitlementsModule,
    PaymentsModule,
    IdempotencyModule,
    BullModule.registerQueue({ name: SUBSCRIPTIONS_QUEUE }),
  ],
  controllers: [SubscriptionsController],
  providers: [BuySubscriptionService, FulfilSubscriptionService, SubscriptionsProcessor],
})
export class SubscriptionsModule {}
