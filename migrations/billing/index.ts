import { CurrenciesAndAccounts1795400000000 } from './1795400000000-currencies-and-accounts.js';
import { Ledger1795400000001 } from './1795400000001-ledger.js';
import { RatesAndQuotes1795400000002 } from './1795400000002-rates-and-quotes.js';
import { Payments1795400000003 } from './1795400000003-payments.js';
import { ProfilesKeysAudit1795400000004 } from './1795400000004-profiles-keys-audit.js';
import { Subscriptions1795400100000 } from './1795400100000-subscriptions.js';
import { SubscriptionRenewals1795400200000 } from './1795400200000-subscription-renewals.js';
import { SubscriptionEarnings1795400300000 } from './1795400300000-subscription-earnings.js';
import { RefundsAndDisputes1795400400000 } from './1795400400000-refunds-and-disputes.js';
import { SubscriptionRefunds1795400500000 } from './1795400500000-subscription-refunds.js';
import { ReconciliationAndAdjustments1795400600000 } from './1795400600000-reconciliation-and-adjustments.js';
import { SubscriptionGrants1795400700000 } from './1795400700000-subscription-grants.js';
import { UserStandings1795400800000 } from './1795400800000-user-standings.js';
import { RefundDue1795400900000 } from './1795400900000-refund-due.js';
import { PlanPricesVersion1795401100000 } from './1795401100000-plan-prices-version.js';
import { PlanTimeOfSale1795401200000 } from './1795401200000-plan-time-of-sale.js';
import { SubscriptionHolders1795401300000 } from './1795401300000-subscription-holders.js';
import { PaidTwice1795401400000 } from './1795401400000-paid-twice.js';
import { LockFreeWallets1795401500000 } from './1795401500000-lock-free-wallets.js';
import { PostingsAsSets1795401600000 } from './1795401600000-postings-as-sets.js';
import { RoomInPages1795401700000 } from './1795401700000-room-in-pages.js';
import { FurtherTakings1795401800000 } from './1795401800000-further-takings.js';
import { SpendFreeQuotes1795401900000 } from './1795401900000-spend-free-quotes.js';
import { AnnouncedPostings1795402000000 } from './1795402000000-announced-postings.js';
import { ConvertFreeQuotes1795402000001 } from './1795402000001-convert-free-quotes.js';
import { RefundsTakenInPieces1795402100000 } from './1795402100000-refunds-taken-in-pieces.js';
import { OwnAdjustments1795402200000 } from './1795402200000-own-adjustments.js';
import { AdjustmentsMadeAlone1795402300000 } from './1795402300000-adjustments-made-alone.js';
import { AnsweredKeys1795402400000 } from './1795402400000-answered-keys.js';
import { LedgerByTime1795402500000 } from './1795402500000-ledger-by-time.js';
import { DisputeChecks1795402600000 } from './1795402600000-dispute-checks.js';
import { RefundKeys1795402700000 } from './1795402700000-refund-keys.js';

/** In the order they run. */
export const migrations = [
  CurrenciesAndAccounts1795400000000,
  Ledger1795400000001,
  RatesAndQuotes1795400000002,
  Payments1795400000003,
  ProfilesKeysAudit1795400000004,
  Subscriptions1795400100000,
  SubscriptionRenewals1795400200000,
  SubscriptionEarnings1795400300000,
  RefundsAndDisputes1795400400000,
  SubscriptionRefunds1795400500000,
  ReconciliationAndAdjustments1795400600000,
  SubscriptionGrants1795400700000,
  UserStandings1795400800000,
  RefundDue1795400900000,
  PlanPricesVersion1795401100000,
  PlanTimeOfSale1795401200000,
  SubscriptionHolders1795401300000,
  PaidTwice1795401400000,
  LockFreeWallets1795401500000,
  PostingsAsSets1795401600000,
  RoomInPages1795401700000,
  FurtherTakings1795401800000,
  SpendFreeQuotes1795401900000,
  AnnouncedPostings1795402000000,
  ConvertFreeQuotes1795402000001,
  RefundsTakenInPieces1795402100000,
  OwnAdjustments1795402200000,
  AdjustmentsMadeAlone1795402300000,
  AnsweredKeys1795402400000,
  LedgerByTime1795402500000,
  DisputeChecks1795402600000,
  RefundKeys1795402700000,
];
