export {
  allContracts,
  appOf,
  type ContractClass,
  type ContractInfo,
  contractOf,
  type Facts,
  routingKeyOf,
} from './contract.js';
export { type Locale, LOCALES } from './fields.js';
export { assertPublishable, ContractViolation, type Envelope, parseEnvelope } from './envelope.js';
export { hideSealed, openSecret, sealSecret } from './sealed.js';
export { uuidv7, uuidv8 } from './uuid.js';
export {
  IdentityLinkedV1,
  IdentityUnlinkedV1,
  PasswordChangedV1,
  PasswordRecoveryRequestedV1,
  RegistrationRepeatedV1,
  UserBlockedV1,
  UserDeletedV1,
  UserEmailChangedV1,
  UserEmailUndoOfferedV1,
  UserLocaleChangedV1,
  UserRegisteredV1,
  UserRolesChangedV1,
  UserVerificationRequestedV1,
  UserVerifiedV1,
} from './auth.events.js';
export {
  RecoveryCodesRenewedV1,
  RecoveryCodeUsedV1,
  SecondFactorDisabledV1,
  SecondFactorEnabledV1,
} from './second-factor.events.js';
export { NewDeviceLoginV1, RefreshReusedV1, SessionRevokedV1 } from './session.events.js';
export {
  EntitlementChangedV1,
  PostingRecordedV1,
  PostingEntryV2,
  PostingRecordedV2,
  SubscriptionEndedV1,
  SubscriptionEndingV1,
  SubscriptionPurchasedV1,
  SubscriptionRefundedV1,
  SubscriptionRenewalFailedV1,
  SubscriptionRenewedV1,
  TopUpSettledV1,
} from './billing.events.js';
export { normalizeEmail } from './email.js';
export { DisputeClosedV1, DisputeOpenedV1, RefundFailedV1, RefundIssuedV1 } from './money-back.events.js';
