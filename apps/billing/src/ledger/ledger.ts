/** Our own side of the books. None of them has a stored balance: it is the sum of its legs. */
export const SYSTEM_ACCOUNTS = [
  'psp_clearing',
  'fx_position',
  'fx_spread',
  'rounding',
  'revenue',
  'deferred_revenue',
  'refunds',
  'chargeback',
  'psp_fees',
  'adjustments',
] as const;

/** One of the system accounts. */
export type SystemAccount = (typeof SYSTEM_ACCOUNTS)[number];

/** One side of a leg: an account of the user, or one of ours. */
export type Side = `account:${string}` | `system:${SystemAccount}`;

/** One movement: `amountMinor` (more than zero) leaves `debit` and arrives at `credit`. */
export interface Leg {
  /** What the movement is, for people and reports: `capture`, `spread`, `purchase`. */
  code: string;
  debit: Side;
  credit: Side;
  currency: string;
  amountMinor: bigint;
}

/** What is to be posted. */
export interface PostingRequest {
  /** The id the transaction is to have, where that had to be known before; a new one otherwise. */
  transactionId?: string;
  userId: string;
  /** Business name of the transaction: `top_up`, `conversion`, `subscription_purchase`, `refund`. */
  kind: string;
  /** Unique per user for ever; the same key with the same content is the same transaction. */
  idempotencyKey: string;
  /** At least one; carried out in order, and no wallet may fall below zero on the way. */
  legs: Leg[];
  /** What caused it: `{ type: 'payment', id }`. */
  source: { type: string; id: string };
  /** Who: `system`, or a user's id. */
  actor: string;
  reason?: string;
  /** When it counts, if not now. */
  effectiveAt?: Date;
  /** The transaction this one undoes. */
  reverses?: string;
  /** Facts for the history, all strings. Never secrets. */
  meta?: Record<string, string>;
  /** Holds to be spent by this transaction: each gives its amount back to the wallet before the legs take it. */
  postsHolds?: string[];
  /** Also moves money of frozen accounts: refunds, disputes, corrections. */
  evenFrozen?: boolean;
}

/** A transaction in the books. */
export interface Posted {
  transactionId: string;
  recordedAt: Date;
  /** True when the key had been posted before and nothing was written now. */
  replayed: boolean;
}

/** Part of a wallet that is kept aside. */
export interface Hold {
  id: string;
  userId: string;
  accountId: string;
  amountMinor: bigint;
  source: { type: string; id: string };
}
