/** Where a page ends: the place of its last entry in the order of the list. */
export interface HistoryPosition {
  recordedAt: Date;
  accountId: string;
  seq: number;
}

/** What of the history is wanted. */
export interface HistoryFilter {
  userId: string;
  accountId?: string | undefined;
  currency?: string | undefined;
  kind?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
  /** What was added lies between these, in minor units; taken is negative. */
  leastMinor?: bigint | undefined;
  mostMinor?: bigint | undefined;
}

/** What a store holds of an account. */
export interface AccountTotals {
  accountId: string;
  count: number;
  lastSeq: number;
  sumMinor: bigint;
  lastHash: string;
}
