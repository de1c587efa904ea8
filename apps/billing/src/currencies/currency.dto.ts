/** A currency we deal in. */
export class CurrencyDto {
  code!: string;
  /** How many decimals amounts have. */
  decimals!: number;
  kind!: 'fiat' | 'point';
  /** Whether cards can be charged in it. */
  chargeable!: boolean;
}

/** Every currency. */
export class CurrencyListDto {
  items!: CurrencyDto[];
}
