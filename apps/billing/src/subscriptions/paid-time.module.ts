import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { EntitlementsModule } from '../entitlements/entitlements.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { PlansModule } from '../plans/plans.module.js';
import { StandingModule } from '../standing/standing.module.js';
import { AddPeriodService } from './add-period.service.js';
import { ChangePeriodService } from './change-period.service.js';
import { EarnRevenueService } from './earn-revenue.service.js';
import { GiveBackPeriodService } from './give-back-period.service.js';
import { ReverseSubscriptionService } from './reverse-subscription.service.js';
import { BuyFromBalanceService } from './buy-from-balance.service.js';
import { PayForPeriodService } from './pay-for-period.service.js';
import { PeriodsRepository } from './periods.repository.js';
import { RenewSubscriptionService } from './renew-subscription.service.js';
import { StepService } from './step.service.js';
import { SubscriptionNews } from './subscription-news.service.js';
import { SubscriptionViews } from './subscription-views.service.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';
import { SubscriptionsService } from './subscriptions.service.js';
import { SwitchRenewalService } from './switch-renewal.service.js';
import { TakeStepsService } from './take-steps.service.js';

/** The use cases of paid time, from PostgreSQL alone: no provider, no queue, no route. */
@Module({
  imports: [PlansModule, EntitlementsModule, AccountsModule, LedgerModule, StandingModule],
  providers: [
    SubscriptionsRepository,
    PeriodsRepository,
    SubscriptionNews,
    SubscriptionViews,
    SubscriptionsService,
    AddPeriodService,
    PayForPeriodService,
    BuyFromBalanceService,
    SwitchRenewalService,
    RenewSubscriptionService,
    StepService,
    TakeStepsService,
    ChangePeriodService,
    GiveBackPeriodService,
    ReverseSubscriptionService,
    EarnRevenueService,
  ],
  exports: [
    PeriodsRepository,
    PayForPeriodService,
    AddPeriodService,
    BuyFromBalanceService,
    SwitchRenewalService,
    SubscriptionViews,
    SubscriptionsService,
    TakeStepsService,
    GiveBackPeriodService,
    ReverseSubscriptionService,
    EarnRevenueService,
    ChangePeriodService,
  ],
})
export class PaidTimeModule {}
