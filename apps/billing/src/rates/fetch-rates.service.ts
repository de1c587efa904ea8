import { Inject, Injectable, Logger } from '@nestjs/common';
import { Counter } from '#libs/telemetry';
import { Clock } from '../clock/clock.js';
import { RateSourceError } from './rate.errors.js';
import { agree, judge } from './rate-sanity.js';
import { type FetchStatus, RatesRepository } from './rates.repository.js';
import { FALLBACK_SOURCE, PRIMARY_SOURCE, WARN_AFTER_HOURS } from './rates.service.js';
import { type Fetched, RateSource } from './sources/rate-source.js';

const fetches = new Counter({
  name: 'billing_rate_fetches_total',
  help: 'Answers of the rate sources by what became of them',
  labelNames: ['provider', 'status'] as const,
});

/** A source that publishes daily has something new by then. */
const OVERDUE_MS = WARN_AFTER_HOURS * 3_600_000;

@Injectable()
export class FetchRatesService {
  private readonly logger = new Logger(FetchRatesService.name);

  constructor(
    @Inject(PRIMARY_SOURCE) private readonly primary: RateSource,
    @Inject(FALLBACK_SOURCE) private readonly fallback: RateSource,
    private readonly repository: RatesRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Asks the primary source, and the fallback when the primary fails, is doubted or has had nothing new for over a day; keeps every
   * answer. Returns what became of it.
   */
  async fetch(): Promise<FetchStatus> {
    const first = await this.ask(this.primary);
    const status = first ? await this.decide(this.primary, first, () => this.ask(this.fallback)) : 'failed';
    if (status !== 'failed' && !(status === 'unchanged' && (await this.isOverdue()))) return status;
    const second = await this.ask(this.fallback);
    return second ? this.decide(this.fallback, second) : status;
  }

  private async isOverdue(): Promise<boolean> {
    const [last, now] = [await this.repository.latest(), await this.clock.now()];
    return last !== undefined && now.getTime() - last.publishedAt.getTime() > OVERDUE_MS;
  }

  private async decide(
    source: RateSource,
    fetched: Fetched,
    secondOpinion?: () => Promise<Fetched | undefined>,
  ): Promise<FetchStatus> {
    const last = await this.repository.latest();
    const verdict = judge(fetched, last, await this.clock.now());
    if (verdict.is === 'accepted' || verdict.is === 'unchanged') return this.keep(source, fetched, verdict.is);
    if (verdict.is === 'quarantined') return this.keep(source, fetched, 'quarantined', verdict.fault);
    const other = await secondOpinion?.();
    if (other && agree(fetched.perUsd, other.perUsd)) return this.keep(source, fetched, 'accepted', verdict.fault);
    return this.keep(source, fetched, 'quarantined', `${verdict.fault}; the second source does not confirm it`);
  }

  private async ask(source: RateSource): Promise<Fetched | undefined> {
    try {
      return await source.fetch();
    } catch (error) {
      const fault = (error as Error).message;
      this.logger.warn(`No rates from ${source.name}: ${fault}`);
      fetches.inc({ provider: source.name, status: 'failed' });
      const raw = error instanceof RateSourceError ? error.raw : undefined;
      await this.repository.keep({ provider: source.name, status: 'failed', fault, raw });
      return undefined;
    }
  }

  private async keep(source: RateSource, fetched: Fetched, status: FetchStatus, fault?: string): Promise<FetchStatus> {
    await this.repository.keep({ provider: source.name, status, fault, ...fetched });
    fetches.inc({ provider: source.name, status });
    if (status === 'quarantined') this.logger.error(`Rates of ${source.name} are in quarantine: ${fault}`);
    return status;
  }
}
