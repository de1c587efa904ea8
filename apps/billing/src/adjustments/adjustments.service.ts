import { Injectable } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { AccountsService } from '../accounts/accounts.service.js';
import { AuditService } from '../audit/audit.service.js';
import type { Side } from '../ledger/ledger.js';
import { LedgerService } from '../ledger/ledger.service.js';
import { CurrenciesService } from '../money/currencies.service.js';
import { RatesStaleError } from '../rates/rate.errors.js';
import { RATE_ONE, type RatesPerUsd } from '../rates/rate.js';
import { RatesService } from '../rates/rates.service.js';
import { AdjustmentNotFoundError, OwnAdjustmentError } from './adjustment.errors.js';
import { type Adjustment, AdjustmentsRepository } from './adjustments.repository.js';

/** A correction an administrator asks for. */
export interface AdjustmentOrder {
  userId: string;
  currency: string;
  amountMinor: bigint;
  reason: string;
  actor: string;
  key: string;
}

/** Thousandths of a US cent: fine enough that rounding decides nothing. */
type Worth = bigint;
const USD: Worth = 100_000n;

/** Up to this worth one administrator is enough. */
const ALONE_UP_TO = 100n * USD;

/** Up to this worth in all, within 24 hours: a large sum in many pieces is a large sum. */
const ALONE_A_DAY = 500n * USD;

@Injectable()
export class AdjustmentsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: AdjustmentsRepository,
    private readonly accounts: AccountsService,
    private readonly ledger: LedgerService,
    private readonly rates: RatesService,
    private readonly currencies: CurrenciesService,
    private readonly audit: AuditService,
  ) {}

  /** Books the correction, or leaves it waiting for a second administrator. Throws InsufficientFundsError, UnknownCurrencyError. */
  async request(order: AdjustmentOrder): Promise<Adjustment> {
    return this.unitOfWork.run(async () => {
      const { userId, currency, amountMinor, reason, actor, key } = order;
      const needsApproval = actor === userId || !(await this.mayAlone(order));
      const asked = { id: uuidv7(), userId, currency, amountMinor, reason, requestedBy: actor, needsApproval };
      const adjustment = await this.repository.insert({ ...asked, clientKey: key });
      if (!adjustment) return (await this.repository.findByKey(actor, key))!;
      await this.record('adjustment.requested', adjustment, actor);
      return needsApproval ? adjustment : this.post(adjustment, null);
    });
  }

  /** Another administrator agrees. Throws AdjustmentNotFoundError, OwnAdjustmentError, InsufficientFundsError. */
  async approve(actor: string, id: string): Promise<Adjustment> {
    return this.unitOfWork.run(async () => {
      const adjustment = await this.repository.lockWaiting(id);
      if (!adjustment) throw new AdjustmentNotFoundError();
      if ([adjustment.requestedBy, adjustment.userId].includes(actor)) throw new OwnAdjustmentError();
      await this.record('adjustment.approved', adjustment, actor);
      return this.post(adjustment, actor);
    });
  }

  /** Anybody may withdraw or refuse it. Throws AdjustmentNotFoundError. */
  async reject(actor: string, id: string): Promise<Adjustment> {
    return this.unitOfWork.run(async () => {
      const adjustment = await this.repository.lockWaiting(id);
      if (!adjustment) throw new AdjustmentNotFoundError();
      await this.record('adjustment.rejected', adjustment, actor);
      return this.repository.decide(id, { status: 'rejected', decidedBy: actor, transactionId: null });
    });
  }

  async list(status: string | undefined): Promise<Adjustment[]> {
    return this.repository.list(status, 200);
  }

  private async post(adjustment: Adjustment, decidedBy: string | null): Promise<Adjustment> {
    const { id, userId, currency, amountMinor, reason, requestedBy } = adjustment;
    const wallet: Side = `account:${(await this.accounts.wallet(userId, currency)).id}`;
    const given = amountMinor > 0n;
    const { transactionId } = await this.ledger.post({
      userId,
      kind: 'adjustment',
      idempotencyKey: `adjustment:${id}`,
      legs: [
        {
          code: given ? 'given' : 'taken',
          debit: given ? 'system:adjustments' : wallet,
          credit: given ? wallet : 'system:adjustments',
          currency,
          amountMinor: given ? amountMinor : -amountMinor,
        },
      ],
      source: { type: 'adjustment', id },
      actor: decidedBy ?? requestedBy,
      reason,
      meta: { adjustmentId: id },
      evenFrozen: true,
    });
    return this.repository.decide(id, { status: 'posted', decidedBy, transactionId });
  }

  /**
   * Decided for one of the administrator's orders at a time, so that two at once cannot both be the last that fits. Not while rates are
   * too old to tell what it is worth, or what the administrator has done alone already.
   */
  private async mayAlone({ actor, currency, amountMinor }: AdjustmentOrder): Promise<boolean> {
    const perUsd = await this.knownRates();
    const worth = await this.worthOf(currency, amountMinor, perUsd);
    if (worth === undefined || worth > ALONE_UP_TO) return false;
    await this.repository.lockRequester(actor);
    let day = worth;
    for (const done of await this.repository.doneAlone(actor)) {
      const earlier = await this.worthOf(done.currency, done.amountMinor, perUsd);
      if (earlier === undefined) return false;
      day += earlier;
    }
    return day <= ALONE_A_DAY;
  }

  /** While rates are too old, that of USD alone. */
  private async knownRates(): Promise<Partial<RatesPerUsd>> {
    try {
      return (await this.rates.inForce()).perUsd;
    } catch (error) {
      if (error instanceof RatesStaleError) return { USD: RATE_ONE };
      throw error;
    }
  }

  /** Whatever its direction; rounded up. Undefined where the rate is not known. */
  private async worthOf(
    currency: string,
    amountMinor: bigint,
    perUsd: Partial<RatesPerUsd>,
  ): Promise<Worth | undefined> {
    const { exponent } = await this.currencies.get(currency);
    const rate = perUsd[currency];
    if (rate === undefined) return undefined;
    const absolute = amountMinor < 0n ? -amountMinor : amountMinor;
    const divisor = 10n ** BigInt(exponent) * rate;
    return (absolute * USD * RATE_ONE + divisor - 1n) / divisor;
  }

  private async record(action: string, { id, userId, currency, amountMinor, reason }: Adjustment, actor: string) {
    const details = { userId, currency, amountMinor: String(amountMinor) };
    await this.audit.record({ actor, action, subject: { type: 'adjustment', id }, reason, details });
  }
}
