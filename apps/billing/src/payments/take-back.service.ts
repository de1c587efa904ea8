import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { PaymentFulfilments } from './payment-fulfilments.js';
import type { Payment } from './payment.js';
import { PaymentsRepository } from './payments.repository.js';

/** Money that leaves, because of one refund or one dispute. */
export interface Leaving {
  kind: 'refund' | 'dispute';
  /** The refund's or dispute's id. */
  id: string;
  /** Tells this taking from those before it for the same leaving: the last transaction of them. */
  after?: string | undefined;
  amountMinor: bigint;
  actor: string;
  reason: string;
  postsHolds?: string[];
}

/** A taking that was booked. */
export interface Taken {
  transactionId: string;
  /** Less than what left when more has left than was paid. */
  takenMinor: bigint;
}

/** All that is taken for one leaving, in the order it was taken. */
export interface TakenInAll {
  transactionIds: readonly string[];
  takenMinor: bigint;
}

/** Books money that goes back to the payer, and its return. Call with the payment's row locked, in the ambient transaction. */
@Injectable()
export class TakeBackService {
  private readonly listeners: ((paymentId: string, actor: string) => Promise<void>)[] = [];

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: PaymentsRepository,
    private readonly fulfilments: PaymentFulfilments,
  ) {}

  /** `listener` is called in the ambient transaction when money of a payment has come back and can be taken for another reason. */
  onReturned(listener: (paymentId: string, actor: string) => Promise<void>): void {
    this.listeners.push(listener);
  }

  /** Undefined when everything had been taken back before, or the purpose cannot be taken back; both are noted for a person. */
  async take(payment: Payment, leaving: Leaving): Promise<Taken | undefined> {
    this.unitOfWork.requireTransaction();
    const room = payment.amountMinor - payment.takenMinor;
    const takenMinor = leaving.amountMinor < room ? leaving.amountMinor : room;
    const reversal = this.fulfilments.reversalOf(payment.purpose);
    if (takenMinor < leaving.amountMinor || !reversal) {
      await this.note(payment, 'taking_needs_review', leaving, { more: String(leaving.amountMinor - takenMinor) });
    }
    if (takenMinor === 0n || !reversal) return undefined;
    const { transactionId, clawedMinor } = await reversal.takeBack(payment, {
      kind: leaving.kind,
      key: [leaving.kind, leaving.id, leaving.after].filter(Boolean).join(':'),
      amountMinor: takenMinor,
      takenBeforeMinor: payment.takenMinor,
      clawedBeforeMinor: payment.clawedMinor,
      actor: leaving.actor,
      reason: leaving.reason,
      postsHolds: leaving.postsHolds ?? [],
    });
    await this.repository.addTaken(payment.id, takenMinor, clawedMinor);
    await this.note(payment, `${leaving.kind}_taken`, leaving, { transactionId, amountMinor: String(takenMinor) });
    return { transactionId, takenMinor };
  }

  /** Undoes what was taken for a leaving, last first, once its money is back with us; returns the last transaction of it. */
  async giveBack(payment: Payment, leaving: Leaving, taken: TakenInAll): Promise<{ transactionId: string }> {
    this.unitOfWork.requireTransaction();
    const reversal = this.fulfilments.reversalOf(payment.purpose)!;
    const returned: { transactionId: string; returnedMinor: bigint }[] = [];
    for (const takenTransactionId of taken.transactionIds.toReversed()) {
      const key = `return:${takenTransactionId}`;
      const { kind, reason } = leaving;
      returned.push(await reversal.giveBack(payment, { kind, key, takenTransactionId, reason }));
    }
    const returnedMinor = returned.reduce((sum, one) => sum + one.returnedMinor, 0n);
    await this.repository.addTaken(payment.id, -taken.takenMinor, -returnedMinor);
    const { transactionId } = returned.at(-1)!;
    await this.note(payment, `${leaving.kind}_returned`, leaving, { transactionId });
    for (const listener of this.listeners) await listener(payment.id, leaving.actor);
    return { transactionId };
  }

  private async note(payment: Payment, what: string, { kind, id, actor }: Leaving, details: object): Promise<void> {
    await this.repository.note(payment.id, what, actor, { kind, id, ...details });
  }
}
