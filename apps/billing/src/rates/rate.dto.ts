/** Exchange rates in force. */
export class RatesDto {
  base!: 'USD';
  /** Units for one USD, by currency; points included. */
  rates!: Record<string, string>;
  rateSetId!: string;
  provider!: string;
  publishedAt!: Date;
  /** Conversions are refused while this is true. */
  stale!: boolean;
  /** ExchangeRate-API's open access asks for this line. */
  attribution!: string;
}
