import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { MoneyDto } from './money.dto.js';
import { AmountOutOfRangeError, UnknownCurrencyError } from './money.errors.js';
import { type Currency, formatAmount, type Money, parseAmount } from './money.js';

interface CurrencyRow {
  code: string;
  exponent: number;
  kind: 'fiat' | 'point';
  min_minor: string;
  max_minor: string;
}

/** The currencies we deal in. They change by migration only, so one read is enough. */
@Injectable()
export class CurrenciesService {
  private known: Promise<Map<string, Currency>> | undefined;

  constructor(private readonly unitOfWork: UnitOfWork) {}

  async list(): Promise<Currency[]> {
    return [...(await this.all()).values()];
  }

  /** Throws UnknownCurrencyError. */
  async get(code: string): Promise<Currency> {
    const all = await this.all();
    const currency = all.get(code);
    if (!currency) throw new UnknownCurrencyError(code, [...all.keys()]);
    return currency;
  }

  /** Reads an amount from outside; also checks the currency's limits for one order. */
  async parse(money: MoneyDto): Promise<Money> {
    const currency = await this.get(money.currency);
    const amountMinor = parseAmount(money.amount, currency);
    if (amountMinor < currency.minMinor || amountMinor > currency.maxMinor) {
      throw new AmountOutOfRangeError(currency.code, {
        minimum: formatAmount(currency.minMinor, currency.exponent),
        maximum: formatAmount(currency.maxMinor, currency.exponent),
      });
    }
    return { amountMinor, currency: currency.code };
  }

  /** Writes an amount for outside. */
  async format(amountMinor: bigint, code: string): Promise<MoneyDto> {
    const { exponent } = await this.get(code);
    return Object.assign(new MoneyDto(), { amount: formatAmount(amountMinor, exponent), currency: code });
  }

  private all(): Promise<Map<string, Currency>> {
    this.known ??= this.read().catch((error: unknown) => {
      this.known = undefined;
      throw error;
    });
    return this.known;
  }

  private async read(): Promise<Map<string, Currency>> {
    const rows = await this.unitOfWork.manager.query<CurrencyRow[]>(
      'SELECT code, exponent, kind, min_minor, max_minor FROM currencies WHERE enabled ORDER BY kind, code',
    );
    return new Map(
      rows.map(({ code, exponent, kind, min_minor: min, max_minor: max }) => [
        code,
        { code, exponent, kind, minMinor: BigInt(min), maxMinor: BigInt(max) },
      ]),
    );
  }
}
