/** What was sold, as kept in the payment; amounts in minor units, as text because it is JSON. */
export interface TopUpSnapshot {
  creditCurrency: string;
  creditMinor: string;
  quoteId: string | null;
}
