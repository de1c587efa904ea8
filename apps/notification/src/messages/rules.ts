import {
  type ContractClass,
  DisputeClosedV1,
  DisputeOpenedV1,
  EntitlementChangedV1,
  IdentityLinkedV1,
  IdentityUnlinkedV1,
  NewDeviceLoginV1,
  PasswordChangedV1,
  PasswordRecoveryRequestedV1,
  PostingRecordedV1,
  PostingRecordedV2,
  RecoveryCodesRenewedV1,
  RecoveryCodeUsedV1,
  RefreshReusedV1,
  RefundFailedV1,
  RefundIssuedV1,
  RegistrationRepeatedV1,
  SecondFactorDisabledV1,
  SecondFactorEnabledV1,
  SessionRevokedV1,
  SubscriptionEndedV1,
  SubscriptionEndingV1,
  SubscriptionPurchasedV1,
  SubscriptionRefundedV1,
  SubscriptionRenewalFailedV1,
  SubscriptionRenewedV1,
  TopUpSettledV1,
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
import type { ChosenChannel } from '../deliveries/delivery.js';
import type { GivenAddress } from '../deliveries/delivery.schema.js';
import type { Facts, FactsOf, FactValue, TemplateKey } from '../templates/template.js';

/** What one event makes us say to one user. */
export interface Said {
  template: TemplateKey;
  userId: string;
  facts: Facts;
  channels: readonly ChosenChannel[];
  /** Where exactly it must go, when not to the address the user has by then. */
  to?: GivenAddress;
}

/** One row of the table. */
export interface Rule {
  contract: ContractClass;
  says(event: never): Said;
}

const BOTH = ['inbox', 'email'] as const;
const MAIL_ONLY = ['email'] as const;

/** A row whose facts are checked against its template. */
function rule<T extends object & { userId: string }, K extends TemplateKey>(
  contract: ContractClass<T>,
  template: K | ((event: T) => K),
  channels: readonly ChosenChannel[],
  facts: (event: T) => FactsOf<K>,
  to?: (event: T) => GivenAddress,
): Rule {
  const says = (event: T): Said => ({
    template: typeof template === 'function' ? template(event) : template,
    userId: event.userId,
    facts: told(facts(event)),
    channels,
    ...(to && { to: to(event) }),
  });
  return { contract, says: says as Rule['says'] };
}

/** Without what there is nothing to tell about: MongoDB would keep it as null. */
function told(facts: Record<string, FactValue | undefined>): Facts {
  return Object.fromEntries(
    Object.entries(facts).filter((entry): entry is [string, FactValue] => entry[1] !== undefined),
  );
}

/** Where something was done, and when. */
const origin = (event: NewDeviceLoginV1): FactsOf<'new-device'> => ({
  device: [event.browser, event.os, event.deviceType].filter(Boolean).join(', '),
  ip: event.ip,
  at: event.at,
});
const money = (amountMinor: string, currency: string) => ({ amountMinor, currency });

/** Every event that says something to somebody. */
export const RULES: readonly Rule[] = [
  rule(
    UserVerificationRequestedV1,
    // Whoever gets the latter may be waiting for the former: a stranger's account must not look like one's own sign-up.
    ({ movesAccount }) => (movesAccount ? 'confirm-email-change' : 'verify-email'),
    MAIL_ONLY,
    ({ sealedLink, expiresAt }) => ({ link: sealedLink, expiresAt }),
    ({ email, locale }) => ({ email, locale }),
  ),
  rule(
    PasswordRecoveryRequestedV1,
    'recover-password',
    MAIL_ONLY,
    ({ sealedLink, expiresAt }) => ({ link: sealedLink, expiresAt }),
    ({ email, locale }) => ({ email, locale }),
  ),
  rule(UserVerifiedV1, 'welcome', BOTH, () => ({})),
  rule(PasswordChangedV1, 'password-changed', BOTH, ({ changedAt }) => ({ changedAt })),
  // To the previous address: its owner is the one who may not know.
  rule(
    UserEmailChangedV1,
    'email-changed',
    BOTH,
    ({ email, changedAt }) => ({ email, changedAt }),
    ({ previousEmail, locale }) => ({ email: previousEmail, locale }),
  ),
  rule(
    UserEmailUndoOfferedV1,
    'undo-email-change',
    MAIL_ONLY,
    ({ sealedLink, expiresAt }) => ({ link: sealedLink, expiresAt }),
    ({ email, locale }) => ({ email, locale }),
  ),
  rule(NewDeviceLoginV1, 'new-device', BOTH, origin),
  rule(SecondFactorEnabledV1, 'second-factor-enabled', BOTH, origin),
  rule(SecondFactorDisabledV1, 'second-factor-disabled', BOTH, origin),
  rule(RecoveryCodesRenewedV1, 'recovery-codes-renewed', BOTH, origin),
  rule(RecoveryCodeUsedV1, 'recovery-code-used', BOTH, (event) => ({ ...origin(event), remaining: event.remaining })),
  rule(RefreshReusedV1, 'refresh-reused', BOTH, ({ ip, at }) => ({ ip, at })),
  rule(
    UserBlockedV1,
    ({ blocked }) => (blocked ? 'account-blocked' : 'account-unblocked'),
    MAIL_ONLY,
    ({ reason, at }) => ({ reason, at }),
  ),
  rule(TopUpSettledV1, 'top-up-receipt', BOTH, (event) => ({
    paid: money(event.paidMinor, event.paidCurrency),
    credited: money(event.creditedMinor, event.creditedCurrency),
    reference: event.paymentId,
    at: event.settledAt,
  })),
  rule(SubscriptionPurchasedV1, 'subscription-purchased', BOTH, (event) => ({
    product: event.productName,
    months: event.termMonths,
    paid: money(event.paidMinor, event.paidCurrency),
    startsAt: event.startsAt,
    endsAt: event.endsAt,
  })),
  // An address of its own: whoever signs up again may have no way to read the account's inbox.
  rule(
    RegistrationRepeatedV1,
    'already-registered',
    MAIL_ONLY,
    ({ at }) => ({ at }),
    ({ email, locale }) => ({ email, locale }),
  ),
  rule(IdentityLinkedV1, 'identity-linked', BOTH, ({ provider, at }) => ({ provider, at })),
  rule(IdentityUnlinkedV1, 'identity-unlinked', BOTH, ({ provider, at }) => ({ provider, at })),
  rule(SubscriptionRenewedV1, 'subscription-renewed', BOTH, (event) => ({
    product: event.productName,
    paid: money(event.paidMinor, event.paidCurrency),
    endsAt: event.endsAt,
  })),
  rule(SubscriptionRenewalFailedV1, 'renewal-failed', BOTH, (event) => ({
    product: event.productName,
    reason: event.reason,
    price: money(event.priceMinor, event.priceCurrency),
    accessUntil: event.accessUntil,
    nextTryAt: event.nextTryAt,
  })),
  rule(SubscriptionEndingV1, 'subscription-ending', BOTH, ({ productName, endsAt, renewalMinor, renewalCurrency }) => ({
    product: productName,
    endsAt,
    renewal: renewalMinor && renewalCurrency ? money(renewalMinor, renewalCurrency) : undefined,
  })),
  rule(SubscriptionEndedV1, 'subscription-ended', BOTH, ({ productName, endedAt }) => ({
    product: productName,
    endedAt,
  })),
  rule(SubscriptionRefundedV1, 'subscription-refunded', BOTH, (event) => ({
    product: event.productName,
    refunded: money(event.refundedMinor, event.refundedCurrency),
    paidUntil: event.paidUntil ?? undefined,
  })),
  rule(RefundIssuedV1, 'refund-issued', BOTH, (event) => ({
    refunded: money(event.refundedMinor, event.refundedCurrency),
    reference: event.paymentId,
    at: event.issuedAt,
  })),
  rule(RefundFailedV1, 'refund-failed', BOTH, (event) => ({
    refunded: money(event.refundedMinor, event.refundedCurrency),
    reference: event.paymentId,
    at: event.failedAt,
  })),
  rule(DisputeOpenedV1, 'dispute-opened', BOTH, (event) => ({
    disputed: money(event.disputedMinor, event.disputedCurrency),
    reference: event.paymentId,
    at: event.openedAt,
  })),
  rule(
    DisputeClosedV1,
    ({ outcome }) => (outcome === 'won' ? 'dispute-won' : 'dispute-lost'),
    BOTH,
    (event) => ({
      disputed: money(event.disputedMinor, event.disputedCurrency),
      reference: event.paymentId,
      at: event.closedAt,
    }),
  ),
];

/** Events nobody is told about, each for a reason. */
export const SILENT: readonly ContractClass[] = [
  // The verification mail is what a new user gets.
  UserRegisteredV1,
  UserRolesChangedV1,
  // The user has just chosen it.
  UserLocaleChangedV1,
  // There is nobody left to write to.
  UserDeletedV1,
  // Its cause has a message of its own.
  SessionRevokedV1,
  // Bookkeeping; the receipt tells the same to a person.
  PostingRecordedV1,
  PostingRecordedV2,
  EntitlementChangedV1,
];
