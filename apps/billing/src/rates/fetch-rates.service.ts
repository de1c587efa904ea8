import { Inject, Injectable, Logger } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { Counter } from '#libs/telemetry';
import { AuditService } from '../audit/audit.service.js';
import { Clock } from '../clock/clock.js';
import { RateSourceError } from './rate.errors.js';
import { agree, judge } from './rate-sanity.js';
import { type FetchStatus, type NewFetch, RatesRepository } from './rates.repository.js';
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
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: RatesRepository,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /**
   * Asks the primary source, and the fallback when the primary fails, is doubted or has had nothing new for over a day; keeps every
   * answer, and audits it when an administrator asked. Returns what became of it.
   */
  async fetch(administrator?: string): Promise<FetchStatus> {
    const first = await this.ask(this.primary, administrator);
    const status = first
      ? await this.decide(this.primary, first, administrator, () => this.ask(this.fallback, administrator))
      : 'failed';
    if (status !== 'failed' && !(status === 'unchanged' && (await this.isOverdue()))) return status;
    const second = await this.ask(this.fallback, administrator);
    return second ? this.decide(this.fallback, second, administrator) : status;
  }

  private async isOverdue(): Promise<boolean> {
    const [last, now] = [await this.repository.latest(), await this.clock.now()];
    return last !== undefined && now.getTime() - last.publishedAt.getTime() > OVERDUE_MS;
  }

  private async decide(
    source: RateSource,
    fetched: Fetched,
    administrator: string | undefined,
    secondOpinion?: () => Promise<Fetched | undefined>,
  ): Promise<FetchStatus> {
    const keep = (status: FetchStatus, fault?: string): Promise<FetchStatus> =>
      this.keep({ provider: source.name, status, fault, ...fetched }, administrator);
    const last = await this.repository.latest();
    const verdict = judge(fetched, last, await this.clock.now());
    if (verdict.is === 'accepted' || verdict.is === 'unchanged') return keep(verdict.is);
    if (verdict.is === 'quarantined') return keep('quarantined', verdict.fault);
    const other = await secondOpinion?.();
    if (other && agree(fetched.perUsd, other.perUsd)) return keep('accepted', verdict.fault);
    return keep('quarantined', `${verdict.fault}; the second source does not confirm it`);
  }

  private async ask(source: RateSource, administrator: string | undefined): Promise<Fetched | undefined> {
    try {
      return await source.fetch();
    } catch (error) {
      const fault = (error as Error).message;
      this.logger.warn(`No rates from ${source.name}: ${fault}`);
      const raw = error instanceof RateSourceError ? error.raw : undefined;
      await this.keep({ provider: source.name, status: 'failed', fault, raw }, administrator);
      return undefined;
    }
  }

  private async keep(fetch: NewFetch, administrator: string | undefined): Promise<FetchStatus> {
    const { provider, status, fault } = fetch;
    await this.unitOfWork.run(async () => {
      const { id, rates } = await this.repository.keep(fetch);
      if (!administrator) return;
      const details = { provider, status, fault, rates };
      const subject = { type: 'rate_fetch', id };
      await this.audit.record({ actor: administrator, action: 'rates.fetched', subject, details });
    });
    fetches.inc({ provider, status });
    if (status === 'quarantined') this.logger.error(`Rates of ${provider} are in quarantine: ${fault}`);
    return status;
  }
}
