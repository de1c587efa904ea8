import type { DynamicModule } from '@nestjs/common';
import {
  IdentityLinkedV1,
  IdentityUnlinkedV1,
  NewDeviceLoginV1,
  PasswordChangedV1,
  PasswordRecoveryRequestedV1,
  RecoveryCodesRenewedV1,
  RecoveryCodeUsedV1,
  RefreshReusedV1,
  RegistrationRepeatedV1,
  SecondFactorDisabledV1,
  SecondFactorEnabledV1,
  SessionRevokedV1,
  UserBlockedV1,
  UserDeletedV1,
  UserEmailChangedV1,
  UserEmailUndoOfferedV1,
  UserLocaleChangedV1,
  UserRegisteredV1,
  UserRolesChangedV1,
  UserVerificationRequestedV1,
  UserVerifiedV1,
} from '#libs/contracts';
import { DatabaseModule } from '#libs/database';
import { MessagingModule } from '#libs/messaging';
import { AuthConfig } from './auth.config.js';

/** Everything auth says to the other services. */
const PUBLISHED = [
  IdentityLinkedV1,
  IdentityUnlinkedV1,
  NewDeviceLoginV1,
  PasswordChangedV1,
  PasswordRecoveryRequestedV1,
  RecoveryCodesRenewedV1,
  RecoveryCodeUsedV1,
  RefreshReusedV1,
  RegistrationRepeatedV1,
  SecondFactorDisabledV1,
  SecondFactorEnabledV1,
  SessionRevokedV1,
  UserBlockedV1,
  UserDeletedV1,
  UserEmailChangedV1,
  UserEmailUndoOfferedV1,
  UserLocaleChangedV1,
  UserRegisteredV1,
  UserRolesChangedV1,
  UserVerificationRequestedV1,
  UserVerifiedV1,
];

/** Days for which events can be replayed: so long they stay in the outbox once they were sent. */
const RETENTION_DAYS = 7;
/** Days after leaving for which the outbox is searched for events about the user that were sent late: no event of before stays longer. */
export const LATE_EVENTS_DAYS = RETENTION_DAYS + 1;

/** PostgreSQL and the event flow, the same for the service and its commands. */
export const authStores = (): DynamicModule[] => [
  DatabaseModule.forRootAsync({
    inject: [AuthConfig],
    useFactory: (config: AuthConfig) => ({
      url: config.AUTH_DATABASE_URL,
      entities: [],
      applicationName: 'auth',
      prepares: true,
    }),
  }),
  MessagingModule.forRootAsync({
    app: 'auth',
    consumes: {},
    publishes: PUBLISHED,
    inbox: 'none',
    outbox: true,
    inject: [AuthConfig],
    useFactory: (config: AuthConfig) => ({
      urls: config.RABBITMQ_URL,
      namespace: config.MESSAGING_NAMESPACE,
      retentionDays: RETENTION_DAYS,
    }),
  }),
];
