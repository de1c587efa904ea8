import { Module } from '@nestjs/common';
import { StandingModule } from '../standing/standing.module.js';
import { CheckoutSessionsService } from './checkout-sessions.service.js';
import { PaymentFulfilments } from './payment-fulfilments.js';
import { PaymentProvider } from './payment-provider.js';
import { PaymentsAdminController } from './payments-admin.controller.js';
import { PaymentsAdminRepository } from './payments-admin.repository.js';
import { PaymentsAdminService } from './payments-admin.service.js';
import { PaymentsController } from './payments.controller.js';
import { PaymentsRepository } from './payments.repository.js';
import { PaymentsService } from './payments.service.js';
import { ProviderEventHandlers } from './provider-event-handlers.js';
import { ProviderEventsRepository } from './provider-events.repository.js';
import { ProviderEventsService } from './provider-events.service.js';
import { SessionEvents } from './session-events.js';
import { SettlePaymentService } from './settle-payment.service.js';
import { StartCheckoutService } from './start-checkout.service.js';
import { StripeProvider } from './stripe/stripe.provider.js';
import { SweeperService } from './sweeper.service.js';
import { TakeBackService } from './take-back.service.js';
import { WebhooksController } from './webhooks.controller.js';

@Module({
  imports: [StandingModule],
  controllers: [PaymentsController, PaymentsAdminController, WebhooksController],
  providers: [
    { provide: PaymentProvider, useClass: StripeProvider },
    PaymentsRepository,
    CheckoutSessionsService,
    PaymentFulfilments,
    StartCheckoutService,
    SettlePaymentService,
    PaymentsService,
    PaymentsAdminRepository,
    PaymentsAdminService,
    ProviderEventsRepository,
    ProviderEventsService,
    ProviderEventHandlers,
    SessionEvents,
    SweeperService,
    TakeBackService,
  ],
  exports: [
    PaymentsService,
    PaymentsRepository,
    PaymentFulfilments,
    PaymentProvider,
    ProviderEventHandlers,
    ProviderEventsService,
    SettlePaymentService,
    SweeperService,
    TakeBackService,
  ],
})
export class PaymentsModule {}
