import { BullModule } from '@nestjs/bull';
import type { DynamicModule } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import {
  EntitlementChangedV1,
  PostingRecordedV1,
  PostingRecordedV2,
  TopUpSettledV1,
  UserBlockedV1,
  UserDeletedV1,
} from '#libs/contracts';
import { DatabaseModule } from '#libs/database';
import { MessagingModule } from '#libs/messaging';
import { BillingConfig } from './billing.config.js';
import { DISPUTE_EVENTS } from './disputes/dispute-news.service.js';
import { historyConnection } from './history/history-connection.js';
import { PROJECT_HISTORY } from './history/history.consumer.js';
import { REFUND_EVENTS } from './refunds/refund-news.service.js';
import { SUBSCRIPTION_EVENTS } from './subscriptions/subscription-news.service.js';
import { FOLLOW_USERS } from './users/users.consumer.js';

/** Everything billing says to the other services. */
const PUBLISHED = [
  ...SUBSCRIPTION_EVENTS,
  ...REFUND_EVENTS,
  ...DISPUTE_EVENTS,
  EntitlementChangedV1,
  PostingRecordedV2,
  TopUpSettledV1,
];

/** PostgreSQL, MongoDB, Redis and the event flow. */
export const billingStores = (): DynamicModule[] => [
  DatabaseModule.forRootAsync({
    inject: [BillingConfig],
    useFactory: (config: BillingConfig) => ({
      url: config.BILLING_DATABASE_URL,
      entities: [],
      applicationName: 'billing',
      prepares: true,
    }),
  }),
  MongooseModule.forRootAsync({
    inject: [BillingConfig],
    useFactory: (config: BillingConfig) => historyConnection(config.BILLING_MONGODB_URL),
  }),
  BullModule.forRootAsync({
    inject: [BillingConfig],
    useFactory: (config: BillingConfig) => ({ url: config.REDIS_URL }),
  }),
  MessagingModule.forRootAsync({
    app: 'billing',
    consumes: {
      [PROJECT_HISTORY]: [PostingRecordedV1, PostingRecordedV2],
      [FOLLOW_USERS]: [UserBlockedV1, UserDeletedV1],
    },
    publishes: PUBLISHED,
    // The history's own key makes its effect idempotent; PostgreSQL has no part in it.
    inbox: { [PROJECT_HISTORY]: 'mongo', [FOLLOW_USERS]: 'postgres' },
    outbox: true,
    inject: [BillingConfig],
    useFactory: (config: BillingConfig) => ({
      urls: config.RABBITMQ_URL,
      namespace: config.MESSAGING_NAMESPACE,
      // The history writes what has arrived together by one command.
      prefetch: { [PROJECT_HISTORY]: 100 },
      // However long MongoDB is away (days), the history is level again seconds after its return.
      retryDelaysMs: [1_000, 5_000, 15_000],
      maxUnavailableAttempts: 20_000,
    }),
  }),
];
