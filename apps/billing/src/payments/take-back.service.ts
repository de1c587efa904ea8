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
  /** Tells the takings of it from those it had before and that came back: what returned them. */
  after?: string | undefined;
  amountMinor: bigint;
  actor: string;
  reason: string;
  postsHolds?: string[];
}

/** All that is taken for one leaving, in the order it was taken; less than what left when more has left than was paid. */
export interface TakenInAll {
  transactionIds: readonly string[];
  takenMinor: bigint;
}

/** What stands as taken for a leaving, from the columns of its row. */
export function standing(row: TakenColumns): TakenInAll {
  const stands = row.taken_transaction !== null && row.returned_transaction === null;
  return {
    transactionIds: stands ? [row.taken_transaction!, ...row.further_takings] : [],
    takenMinor: stands ? BigInt(row.taken_minor) : 0n,
  };
}

/** The columns that say what was taken: in rows of refunds and of disputes. */
export interface TakenColumns {
  taken_minor: string;
  taken_transaction: string | null;
  further_takings: string[];
  returned_transaction: string | null;
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

  /**
   * Takes what a leaving has cost and `before` has not taken; returns all that is taken for it then. Undefined when nothing is taken:
   * everything had been taken back before, or the purpose cannot be taken back; both are noted for a person. The rest of what could be
   * taken in part only is to be asked for again when money of the payment has come back, see `onReturned`.
   */
  async take(payment: Payment, leaving: Leaving, before: TakenInAll): Promise<TakenInAll | undefined> {
    this.unitOfWork.requireTransaction();
    const costMinor = leaving.amountMinor - before.takenMinor;
    const room = payment.amountMinor - payment.takenMinor;
    // Noted when the first part was taken.
    if (before.takenMinor > 0n && (costMinor <= 0n || room === 0n)) return undefined;
    const takenMinor = costMinor < room ? costMinor : room;
    const reversal = this.fulfilments.reversalOf(payment.purpose);
    if (takenMinor < costMinor || !reversal) {
      await this.note(payment, 'taking_needs_review', leaving, { more: String(costMinor - takenMinor) });
    }
    if (takenMinor === 0n || !reversal) return undefined;
    const after = before.transactionIds.at(-1) ?? leaving.after;
    const { transactionId, clawedMinor } = await reversal.takeBack(payment, {
      kind: leaving.kind,
      key: [leaving.kind, leaving.id, after].filter(Boolean).join(':'),
      amountMinor: takenMinor,
      takenBeforeMinor: payment.takenMinor,
      clawedBeforeMinor: payment.clawedMinor,
      actor: leaving.actor,
      reason: leaving.reason,
      postsHolds: leaving.postsHolds ?? [],
    });
    await this.repository.addTaken(payment.id, takenMinor, clawedMinor);
    await this.note(payment, `${leaving.kind}_taken`, leaving, { transactionId, amountMinor: String(takenMinor) });
    return {
      transactionIds: [...before.transactionIds, transactionId],
      takenMinor: before.takenMinor + takenMinor,
    };
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
