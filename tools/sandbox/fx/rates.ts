import type { Clock } from '../core/clock.ts';
import type { Journal, Table } from '../core/journal.ts';
import { Random } from '../core/random.ts';

const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2026, 0, 1) / DAY_MS;
const DAILY_STEP = 0.006;
const PULL_HOME = 0.05;

/** Where the walk starts and what it drifts back to: units of each currency for one US dollar. */
const HOME: Record<string, number> = {
  EUR: 0.857539,
  CNY: 7.065629,
  RUB: 80.378323,
  GBP: 0.748112,
  JPY: 151.2246,
  KZT: 521.4417,
  AMD: 383.1195,
  HKD: 7.774512,
  UZS: 12054.31,
  IRR: 42065.12,
};

/** One seeded random walk per currency on the days of the sandbox clock; both rate sources tell it. */
export class Rates {
  readonly #seed: number;
  readonly #clock: Clock;
  readonly #fixed: Table<number>;
  readonly #walks = new Map<string, number[]>();

  constructor(journal: Journal, clock: Clock, seed: number) {
    this.#clock = clock;
    this.#seed = seed;
    this.#fixed = journal.table('fx.fixed');
  }

  /** Units per US dollar on the day of `epochMs`. */
  perDollar(epochMs: number): Record<string, number> {
    const day = Math.max(0, Math.floor(epochMs / DAY_MS) - FIRST_DAY);
    const rates = Object.keys(HOME).map((code) => [code, this.#fixed.get(code) ?? this.#walk(code, day)]);
    return { USD: 1, ...(Object.fromEntries(rates) as Record<string, number>) };
  }

  now(): number {
    return this.#clock.now();
  }

  /** Holds a currency at a rate, or lets it walk again with null. */
  fix(code: string, rate: number | null): void {
    if (!Object.hasOwn(HOME, code)) throw new RangeError(`no such currency: ${code}`);
    if (rate === null) this.#fixed.delete(code);
    else if (Number.isFinite(rate) && rate > 0) this.#fixed.put(code, rate);
    else throw new RangeError('a rate is above zero');
  }

  #walk(code: string, day: number): number {
    const home = HOME[code] ?? 1;
    const walk = this.#walks.get(code) ?? [home];
    this.#walks.set(code, walk);
    while (walk.length <= day) {
      const random = new Random(this.#seed * 7919 + walk.length * 104_729 + hash(code));
      const last = walk.at(-1) ?? home;
      const step = (random.next() * 2 - 1) * DAILY_STEP + PULL_HOME * ((home - last) / home);
      walk.push(last * (1 + step));
    }
    return walk[day] ?? home;
  }
}

function hash(text: string): number {
  return [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 7);
}
