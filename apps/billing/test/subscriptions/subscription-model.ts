/** What a holder of a plan may do; times only move forward. */
export type Command =
  | { do: 'wait'; seconds: number }
  | { do: 'buy'; months: 1 | 3 | 6 }
  | { do: 'refund'; which: number; policy: 'whole' | 'unused_months' }
  | { do: 'renew' }
  | { do: 'cancel' };

interface Unit {
  /** Months that are left, and how many months after the beginning of the chain they start. */
  months: number;
  offset: number;
  chain: Date;
}

const DAY = 86_400_000;

/**
 * The rules of paid time, told another way than the system does: a chain is a beginning and a number of months, a unit is a slice
 * of it, and calendars are read from text.
 */
export class SubscriptionModel {
  private readonly units: Unit[] = [];
  private chain: { start: Date; months: number } | undefined;
  private renewalMonths = 0;

  constructor(public now: Date) {}

  /** End of the access that goes on from now without a gap; undefined when there is none. */
  get accessUntil(): Date | undefined {
    const end = this.end;
    return end && end > this.now ? end : undefined;
  }

  /** Units that were bought and not given back whole. */
  get count(): number {
    return this.units.filter((unit) => unit.months > 0).length;
  }

  private get end(): Date | undefined {
    return this.chain && this.chain.months > 0 ? later(this.chain.start, this.chain.months) : undefined;
  }

  buy(months: number): void {
    const end = this.end;
    if (!this.chain || !end || end < this.now) this.chain = { start: this.now, months: 0 };
    this.units.push({ months, offset: this.chain.months, chain: this.chain.start });
    this.chain.months += months;
  }

  /** Whether it gives anything back. */
  refund(which: number, policy: 'whole' | 'unused_months'): boolean {
    const unit = this.units[which];
    if (!unit || unit.months === 0) return false;
    const start = later(unit.chain, unit.offset);
    const end = later(unit.chain, unit.offset + unit.months);
    const begun = policy === 'whole' ? 0 : begunMonths(unit, this.now);
    const given = unit.months - begun;
    if (given <= 0) return false;
    unit.months = begun;
    this.renewalMonths = 0;
    const behind = this.units.filter(
      (other) => other.chain === unit.chain && other.offset > unit.offset && other.months > 0,
    );
    // Its time was over, and what follows it runs already.
    if (end < this.now || (+end === +this.now && behind.length > 0)) return true;
    if (begun === 0 && start < this.now) this.startAnew(behind);
    else {
      for (const other of behind) other.offset -= given;
      this.chain!.months -= given;
      // What is left of it was used up already: nothing is behind, or what is begins now.
      if (this.end! < this.now) this.startAnew(behind);
    }
    return true;
  }

  /** Whether there is anything to renew. */
  renew(): boolean {
    if (!this.accessUntil) return false;
    this.renewalMonths = 1;
    return true;
  }

  cancel(): void {
    this.renewalMonths = 0;
  }

  /** Lets time pass; renewals happen a day before the end, in time, as there is always money. */
  wait(seconds: number): void {
    const until = new Date(+this.now + seconds * 1_000);
    for (let end = this.end; this.renewalMonths && end && +end - DAY <= +until; end = this.end) {
      if (+end - DAY > +this.now) this.now = new Date(+end - DAY);
      this.buy(this.renewalMonths);
    }
    this.now = until;
  }

  private startAnew(behind: Unit[]): void {
    this.chain = { start: this.now, months: 0 };
    for (const unit of behind) {
      unit.chain = this.now;
      unit.offset = this.chain.months;
      this.chain.months += unit.months;
    }
  }
}

function begunMonths({ chain, offset, months }: Unit, now: Date): number {
  let begun = 0;
  while (begun < months && later(chain, offset + begun) < now) begun += 1;
  return begun;
}

/** `months` calendar months later, worked out on the written date. */
export function later(start: Date, months: number): Date {
  const [date, time] = start.toISOString().split('T') as [string, string];
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const total = year * 12 + (month - 1) + months;
  const [toYear, toMonth] = [Math.floor(total / 12), (total % 12) + 1];
  const leap = (toYear % 4 === 0 && toYear % 100 !== 0) || toYear % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const toDay = Math.min(day, lengths[toMonth - 1]!);
  const two = (value: number): string => String(value).padStart(2, '0');
  return new Date(`${toYear}-${two(toMonth)}-${two(toDay)}T${time}`);
}
