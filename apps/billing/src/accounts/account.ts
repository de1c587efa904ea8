/** An account of a user; amounts in minor units. */
export interface Account {
  id: string;
  userId: string;
  currency: string;
  kind: 'wallet' | 'debt';
  status: 'open' | 'frozen' | 'closed';
  /** The sum of the account's entries, what is held included. */
  balanceMinor: bigint;
  heldMinor: bigint;
  openedAt: Date;
}
