import { Injectable, type OnModuleInit } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { LedgerService } from '../ledger/ledger.service.js';
import { PaymentFulfilments } from '../payments/payment-fulfilments.js';
import type { Payment } from '../payments/payment.js';
import { PaymentProvider } from '../payments/payment-provider.js';
import { PaymentsRepository } from '../payments/payments.repository.js';
import { TakeBackService } from '../payments/take-back.service.js';
import { DisputeNews } from './dispute-news.service.js';
import { type Dispute, DisputesRepository, type DisputeState } from './disputes.repository.js';

/** What the provider's word means; a word we do not know means that the money is still disputed. */
export function stateOf(status: string): DisputeState {
  if (status === 'won' || status === 'lost') return status;
  // Prevented and warned about: no money has moved.
  return status.startsWith('warning') || status === 'prevented' ? 'warning' : 'open';
}

@Injectable()
export class SyncDisputeService implements OnModuleInit {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: DisputesRepository,
    private readonly payments: PaymentsRepository,
    private readonly provider: PaymentProvider,
    private readonly takeBack: TakeBackService,
    private readonly fulfilments: PaymentFulfilments,
    private readonly ledger: LedgerService,
    private readonly news: DisputeNews,
  ) {}

  onModuleInit(): void {
    this.takeBack.onReturned((paymentId, actor) => this.takeLost(paymentId, actor));
  }

  /** Brings a dispute to where the provider says it is; each step is taken once. False when the payment is not ours. */
  async sync(disputeId: string, caller: string): Promise<boolean> {
    const found = await this.provider.getDispute(disputeId);
    const known = found.intentId ? await this.payments.findByIntent(found.intentId) : undefined;
    if (!known) return false;
    await this.unitOfWork.run(async () => {
      const payment = (await this.payments.lock(known.id))!;
      const { id, status: providerStatus, amountMinor, reason, openedAt } = found;
      const state = stateOf(providerStatus);
      const facts = { id, paymentId: payment.id, amountMinor, providerStatus, state, reason, openedAt };
      const before = await this.repository.find(id);
      const dispute = await this.repository.record(facts);
      await this.apply(payment, dispute, caller);
      await this.news.moved(payment, before?.state, dispute);
      await this.payments.recordFacts(payment.id, {
        disputedMinor: await this.repository.outstandingMinor(payment.id),
      });
    });
    return true;
  }

  /** What lost disputes have cost and what had gone back already when they were lost, in whole or in part. */
  private async takeLost(paymentId: string, caller: string): Promise<void> {
    for (const dispute of await this.repository.ofPayment(paymentId)) {
      // Read again each time: a dispute before it has changed what is taken.
      if (dispute.state === 'lost') await this.lose((await this.payments.lock(paymentId))!, dispute, caller);
    }
    await this.payments.recordFacts(paymentId, { disputedMinor: await this.repository.outstandingMinor(paymentId) });
  }

  private async apply(payment: Payment, dispute: Dispute, caller: string): Promise<void> {
    switch (dispute.state) {
      case 'warning':
        return;
      case 'open':
        return this.hold(payment, dispute, caller);
      case 'lost':
        return this.lose(payment, dispute, caller);
      case 'won':
        return this.win(payment, dispute, caller);
    }
  }

  private async hold(payment: Payment, dispute: Dispute, caller: string): Promise<void> {
    if (dispute.holdId || dispute.taken.takenMinor > 0n || dispute.returnedTransaction || !credited(payment)) return;
    // What of it went back before is not at stake a second time.
    const left = payment.amountMinor - payment.takenMinor;
    const amountMinor = dispute.amountMinor < left ? dispute.amountMinor : left;
    const stake = await this.fulfilments.reversalOf(payment.purpose)?.atStake(payment, amountMinor);
    if (!stake) return;
    const holdId = uuidv7();
    const source = { type: 'dispute', id: dispute.id };
    if (!(await this.ledger.hold({ id: holdId, userId: payment.userId, source, ...stake }))) return;
    await this.repository.setHold(dispute.id, holdId);
    await this.payments.note(payment.id, 'dispute_held', caller, { id: dispute.id, holdId });
  }

  private async lose(payment: Payment, dispute: Dispute, caller: string): Promise<void> {
    const postsHolds = dispute.holdId ? [dispute.holdId] : [];
    const taken = credited(payment)
      ? await this.takeBack.take(payment, { ...leaving(dispute, caller), postsHolds }, dispute.taken)
      : undefined;
    if (taken) await this.repository.setTaken(dispute.id, taken);
    else if (dispute.holdId) await this.release(payment.userId, dispute.holdId);
    await this.repository.setHold(dispute.id, null);
  }

  private async win(payment: Payment, dispute: Dispute, caller: string): Promise<void> {
    if (dispute.holdId) {
      await this.release(payment.userId, dispute.holdId);
      await this.repository.setHold(dispute.id, null);
      await this.payments.note(payment.id, 'dispute_released', caller, { id: dispute.id });
    }
    // Won after it had been lost: an appeal.
    if (dispute.taken.takenMinor === 0n) return;
    const { transactionId } = await this.takeBack.giveBack(payment, leaving(dispute, caller), dispute.taken);
    await this.repository.setReturned(dispute.id, transactionId);
    await this.ledger.repayDebts(payment.userId, { type: 'return', id: transactionId });
  }

  private async release(userId: string, holdId: string): Promise<void> {
    await this.ledger.release(userId, holdId);
    await this.ledger.repayDebts(userId, { type: 'hold', id: holdId });
  }
}

/** What was never credited cannot be taken back, and the user's other money has nothing to do with it. */
function credited(payment: Payment): boolean {
  return payment.status === 'succeeded';
}

function leaving({ id, amountMinor, reason, returnedTransaction }: Dispute, actor: string) {
  return { kind: 'dispute' as const, id, after: returnedTransaction ?? undefined, amountMinor, actor, reason };
}
