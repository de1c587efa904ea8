import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { EntitlementsModule } from '../entitlements/entitlements.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { PlansModule } from '../plans/plans.module.js';
import { AddPeriodService } from './add-period.service.js';
import { BuySubscriptionService } from './buy-subscription.service.js';
import { FulfilSubscriptionService } from './fulfil-subscription.service.js';
import { SubscriptionsController } from './subscriptions.controller.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';
import { SubscriptionsService } from './subscriptions.service.js';

@Module({
  imports: [PlansModule, EntitlementsModule, PaymentsModule, AccountsModule, LedgerModule],
  controllers: [SubscriptionsController],
  providers: [
    SubscriptionsService,
    BuySubscriptionService,
    FulfilSubscriptionService,
    AddPeriodService,
    SubscriptionsRepository,
  ],
})
export class SubscriptionsModule {}
