/** How a breaker behaves; times in milliseconds. */
export interface BreakerOptions {
  windowMs: number;
  /** Fewer results say nothing yet. */
  leastResults: number;
  /** Share of failures at which it opens. */
  failureShare: number;
  /** How long it stays open before one try is let through. */
  openMs: number;
}

const DEFAULTS: BreakerOptions = { windowMs: 60_000, leastResults: 20, failureShare: 0.2, openMs: 15_000 };

const BUCKET_MS = 1_000;

/** Stops handing mails to a server that mostly fails: they wait without using up their tries. */
export class CircuitBreaker {
  /** Results by second, oldest first. */
  private buckets: { start: number; ok: number; failed: number }[] = [];
  private openedAt: number | undefined;
  private probing = false;

  constructor(
    private readonly options: BreakerOptions = DEFAULTS,
    private readonly now: () => number = Date.now,
  ) {}

  /** True while no try should be made. */
  get waits(): boolean {
    return this.openedAt !== undefined && (this.probing || this.now() - this.openedAt < this.options.openMs);
  }

  /** Asks for a try. When the rest is over one try is let through, and decides. */
  allows(): boolean {
    if (this.waits) return false;
    this.probing = this.openedAt !== undefined;
    return true;
  }

  /** What came of a try. Results of tries that began before it opened change nothing. */
  record(ok: boolean): void {
    if (this.openedAt === undefined) this.count(ok);
    else if (this.probing) this.decide(ok);
  }

  private decide(ok: boolean): void {
    this.probing = false;
    this.openedAt = ok ? undefined : this.now();
    this.buckets = [];
  }

  private count(ok: boolean): void {
    const { windowMs, leastResults, failureShare } = this.options;
    const start = this.now() - (this.now() % BUCKET_MS);
    if (this.buckets.at(-1)?.start !== start) this.buckets.push({ start, ok: 0, failed: 0 });
    const bucket = this.buckets.at(-1)!;
    if (ok) bucket.ok++;
    else bucket.failed++;
    this.buckets = this.buckets.filter((one) => one.start > this.now() - windowMs);
    const failed = this.buckets.reduce((sum, one) => sum + one.failed, 0);
    const all = this.buckets.reduce((sum, one) => sum + one.failed + one.ok, 0);
    if (all >= leastResults && failed / all >= failureShare) this.openedAt = this.now();
  }
}
