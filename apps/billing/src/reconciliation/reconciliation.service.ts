import { Injectable, Logger } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { Gauge } from '#libs/telemetry';
import { AuditService } from '../audit/audit.service.js';
import { PaymentProvider, type ProviderMoneyLine } from '../payments/payment-provider.js';
import { SettlePaymentService } from '../payments/settle-payment.service.js';
import { compareCredits, compareLines, type OurSide } from './comparison.js';
import type { ReconciliationReportDto } from './reconciliation.dto.js';
import { ReconciliationRepository } from './reconciliation.repository.js';

const HOUR_MS = 3_600_000;
/** So long before a stretch of time a capture is looked for at most; the slowest ways to pay take two weeks. */
const LONGEST_MS = 31 * 86_400_000;

const differencesGauge = new Gauge({
  name: 'billing_reconciliation_differences',
  help: 'Differences between our books and the provider at the last comparison',
});

@Injectable()
export class ReconciliationService {
  private readonly logger = new Logger(ReconciliationService.name);

  constructor(
    private readonly provider: PaymentProvider,
    private readonly repository: ReconciliationRepository,
    private readonly settling: SettlePaymentService,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditService,
  ) {}

  /** Compares the books because an administrator asks for it, which is on record: it may credit payments. Throws UnavailableError. */
  async reconcileFor(actor: string, from: Date, to: Date): Promise<ReconciliationReportDto> {
    const subject = { type: 'reconciliation', id: from.toISOString() };
    const act = { actor, action: 'reconciliation.requested', subject, details: { from, to } };
    await this.unitOfWork.run(() => this.audit.record(act));
    return this.reconcile(from, to, `reconciliation by ${actor}`);
  }

  /** Compares the three books for a stretch of time and stores the report. Throws UnavailableError. */
  async reconcile(from: Date, to: Date, caller = 'reconciliation'): Promise<ReconciliationReportDto> {
    // Credits are read before captures: what is credited has been captured by then.
    const credited = await this.repository.settledBetween(from, to);
    const around = await this.provider.moneyLines(firstCapture(from, credited), to);
    const lines = around.filter((line) => line.createdAt >= from);
    const healed = await this.heal(lines, caller);
    const differences = [...compareLines(lines, await this.oursOf(lines)), ...compareCredits(credited, around)];
    const report: ReconciliationReportDto = {
      ok: differences.length === 0,
      from,
      to,
      lines: lines.length,
      healed,
      differences,
      moved: { provider: movedBy(lines), ledger: await this.repository.clearing(from, to) },
    };
    await this.repository.store(from, to, report.ok, report);
    differencesGauge.set(differences.length);
    for (const difference of differences) this.logger.error(difference, 'Our books and the provider differ');
    return report;
  }

  /** Whether there is a report about all of a stretch of time that was over when it was made. */
  async isCompared(from: Date, to: Date): Promise<boolean> {
    return this.repository.isCompared(from, to);
  }

  /** Credits what was captured and nobody told us about. */
  private async heal(lines: readonly ProviderMoneyLine[], caller: string): Promise<string[]> {
    const ours = await this.oursOf(lines);
    const healed: string[] = [];
    for (const { kind, intentId, paymentId } of lines) {
      if (kind !== 'charge' || !paymentId || ours.get(intentId ?? '')?.status === 'succeeded') continue;
      const settled = await this.settling.settle(paymentId, caller).catch((error: unknown) => {
        this.logger.warn(`Payment ${paymentId} cannot be settled: ${(error as Error).message}`);
        return undefined;
      });
      if (settled?.status === 'succeeded') healed.push(paymentId);
    }
    return healed;
  }

  private async oursOf(lines: readonly ProviderMoneyLine[]): Promise<Map<string, OurSide>> {
    const intents = [...new Set(lines.flatMap((line) => (line.intentId ? [line.intentId] : [])))];
    return new Map((await this.repository.byIntents(intents)).map((side) => [side.intentId, side]));
  }
}

/** What was captured on one day may be credited on another: captures are looked for since the payments were made, clocks apart. */
function firstCapture(from: Date, credited: readonly OurSide[]): Date {
  const earliest = credited.reduce((first, { createdAt }) => Math.min(first, createdAt.getTime()), from.getTime());
  return new Date(Math.max(earliest - HOUR_MS, from.getTime() - LONGEST_MS));
}

function movedBy(lines: readonly ProviderMoneyLine[]): Record<string, string> {
  const moved: Record<string, bigint> = {};
  for (const { currency, amountMinor, kind } of lines)
    if (kind !== 'other') moved[currency] = (moved[currency] ?? 0n) + amountMinor;
  return Object.fromEntries(Object.entries(moved).map(([currency, amount]) => [currency, String(amount)]));
}
