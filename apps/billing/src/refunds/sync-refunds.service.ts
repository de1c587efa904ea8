import { Injectable, type OnModuleInit } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { LedgerService } from '../ledger/ledger.service.js';
import type { Payment } from '../payments/payment.js';
import { PaymentProvider, type ProviderRefund } from '../payments/payment-provider.js';
import { PaymentsRepository } from '../payments/payments.repository.js';
import { TakeBackService } from '../payments/take-back.service.js';
import { RefundNews } from './refund-news.service.js';
import { type Refund, type RefundStatus, RefundsRepository } from './refunds.repository.js';

/** What the provider's word means for us; unknown words mean that it is under way. */
const STATUS: Record<string, RefundStatus> = { succeeded: 'succeeded', failed: 'failed', canceled: 'failed' };

@Injectable()
export class SyncRefundsService implements OnModuleInit {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: RefundsRepository,
    private readonly payments: PaymentsRepository,
    private readonly provider: PaymentProvider,
    private readonly takeBack: TakeBackService,
    private readonly ledger: LedgerService,
    private readonly news: RefundNews,
  ) {}

  onModuleInit(): void {
    this.takeBack.onReturned((paymentId, actor) => this.takeRest(paymentId, actor));
  }

  /**
   * Brings a payment's refunds to where the provider says they are: each is taken back once when it is under way, and undone once
   * when it failed. The order of the news does not matter, because the provider is asked for all of them.
   */
  async sync(paymentId: string, caller: string): Promise<void> {
    const known = await this.payments.find(paymentId);
    if (!known?.intentId) return;
    const found = await this.provider.refundsOf(known.intentId);
    await this.unitOfWork.run(async () => {
      await this.payments.lock(paymentId);
      for (const one of found) await this.apply(paymentId, one, caller);
      // Out of our rows, which only go forward: an answer overtaken on its way does not know of the newest refunds.
      const refundedMinor = await this.repository.refundedMinor(paymentId);
      await this.payments.recordFacts(paymentId, { refundedMinor });
    });
  }

  /** What refunds have cost that found less to take than they were over: a lost dispute had taken it, which is won now. */
  private async takeRest(paymentId: string, caller: string): Promise<void> {
    for (const refund of await this.repository.ofPayment(paymentId)) {
      if (!refund.providerId || refund.status === 'failed') continue;
      // Read again each time: a refund before it has changed what is taken.
      await this.take((await this.payments.lock(paymentId))!, refund, refund.amountMinor, caller);
    }
  }

  private async apply(paymentId: string, found: ProviderRefund, caller: string): Promise<void> {
    const { refund, isNew } = await this.ours(paymentId, found);
    const status = STATUS[found.status] ?? 'pending';
    if (refund.status === 'failed') return;
    // Read again each time: an earlier refund of this round has changed what is taken.
    const payment = (await this.payments.lock(paymentId))!;
    if (status === 'failed') {
      await this.undo(payment, refund, found, caller);
      // Who has not heard of the refund need not hear that it failed.
      return isNew ? undefined : this.news.failed(payment, refund);
    }
    await this.take(payment, refund, found.amountMinor, caller);
    // An answer that was overtaken on its way does not take success back; only failure does.
    await this.repository.change(refund.id, {
      status: refund.status === 'succeeded' ? 'succeeded' : status,
      providerId: found.id,
    });
    if (isNew) await this.news.issued(payment, refund);
  }

  private async take(payment: Payment, refund: Refund, amountMinor: bigint, caller: string): Promise<void> {
    // Before the money was credited there is nothing to take; settling comes first and calls for this again.
    if (payment.status !== 'succeeded') return;
    const taken = await this.takeBack.take(payment, leaving(refund, amountMinor, caller), refund.taken);
    if (taken) await this.repository.setTaken(refund.id, taken);
  }

  private async undo(payment: Payment, refund: Refund, found: ProviderRefund, caller: string): Promise<void> {
    // Written down first: what a failed refund gives back is not taken for it again.
    const failure = found.failure ?? found.status;
    await this.repository.change(refund.id, { status: 'failed', providerId: found.id, failure });
    // Only what we had reserved is given free again.
    if (refund.requestedBy !== 'provider') await this.payments.reserveRefund(payment.id, -refund.amountMinor);
    if (refund.taken.takenMinor === 0n) return;
    const reason = leaving(refund, found.amountMinor, caller);
    const { transactionId: returnedTransaction } = await this.takeBack.giveBack(payment, reason, refund.taken);
    await this.repository.change(refund.id, { returnedTransaction });
    await this.ledger.repayDebts(payment.userId, { type: 'return', id: returnedTransaction });
  }

  /** Our row of the provider's refund, written now when it was made in the provider's dashboard; new until the provider's answer is in it. */
  private async ours(paymentId: string, found: ProviderRefund): Promise<{ refund: Refund; isNew: boolean }> {
    const rows = await this.repository.ofPayment(paymentId);
    // By our own id only until its refund is known: a second one under the same id is money that left as well.
    const known =
      rows.find((row) => row.providerId === found.id) ??
      rows.find((row) => row.id === found.refundId && row.providerId === null);
    if (known) return { refund: known, isNew: known.status === 'requested' };
    const inserted = await this.repository.insert({
      id: uuidv7(),
      paymentId,
      amountMinor: found.amountMinor,
      status: 'pending',
      reason: 'made at the provider',
      requestedBy: 'provider',
      clientKey: null,
      providerId: found.id,
    });
    return { refund: inserted!, isNew: true };
  }
}

function leaving({ id, reason }: Refund, amountMinor: bigint, actor: string) {
  return { kind: 'refund' as const, id, amountMinor, actor, reason };
}
