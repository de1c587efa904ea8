import { Injectable } from '@nestjs/common';
import { AccountsService } from '../accounts/accounts.service.js';
import type { Leg } from '../ledger/ledger.js';
import { LedgerService } from '../ledger/ledger.service.js';
import { undo } from '../ledger/undo.js';
import type { GivingBack, PaymentReversal, TakingBack } from '../payments/payment-fulfilments.js';
import type { Payment } from '../payments/payment.js';
import type { Quote } from '../quotes/quotes.repository.js';
import { QuotesService } from '../quotes/quotes.service.js';
import type { TopUpSnapshot } from './topup.js';
import { clawLegs, type Reversal, reversalOf, spendable, unexchangeLegs } from './topup-reversal.js';

/** Takes top-ups back at the rate they were made at. */
@Injectable()
export class ReverseTopUpService implements PaymentReversal {
  constructor(
    private readonly accounts: AccountsService,
    private readonly quotes: QuotesService,
    private readonly ledger: LedgerService,
  ) {}

  async takeBack(payment: Payment, taking: TakingBack): Promise<{ transactionId: string; clawedMinor: bigint }> {
    const { userId } = payment;
    const { quote, creditCurrency, reversal } = await this.workOut(payment, taking);
    const { transactionId } = await this.ledger.post({
      userId,
      kind: taking.kind === 'refund' ? 'refund' : 'dispute_lost',
      idempotencyKey: taking.key,
      legs: await this.legs(payment, quote, creditCurrency, reversal, taking.postsHolds),
      source: { type: 'payment', id: payment.id },
      actor: taking.actor,
      reason: taking.reason,
      meta: { paymentId: payment.id, [taking.kind]: taking.key.slice(taking.kind.length + 1) },
      postsHolds: taking.postsHolds,
      evenFrozen: true,
    });
    return { transactionId, clawedMinor: reversal.clawedMinor };
  }

  async giveBack(payment: Payment, returning: GivingBack): Promise<{ transactionId: string; returnedMinor: bigint }> {
    const { userId } = payment;
    const { creditCurrency } = payment.snapshot as unknown as TopUpSnapshot;
    const taken = await this.ledger.legsOf(userId, returning.takenTransactionId);
    await this.accounts.reopen(userId, taken);
    const balances = await this.ledger.lockBalances(userId);
    const { transactionId } = await this.ledger.post({
      userId,
      kind: returning.kind === 'refund' ? 'refund_failed' : 'dispute_won',
      idempotencyKey: returning.key,
      legs: undo(taken, balances),
      source: { type: 'payment', id: payment.id },
      actor: 'system',
      reason: returning.reason,
      reverses: returning.takenTransactionId,
      meta: { paymentId: payment.id },
      evenFrozen: true,
    });
    const returnedMinor = taken
      .filter((leg) => (leg.code === 'taken_back' || leg.code === 'owed') && leg.currency === creditCurrency)
      .reduce((sum, leg) => sum + leg.amountMinor, 0n);
    return { transactionId, returnedMinor };
  }

  async atStake(
    payment: Payment,
    amountMinor: bigint,
  ): Promise<{ accountId: string; amountMinor: bigint } | undefined> {
    const { creditCurrency, reversal } = await this.workOut(payment, {
      amountMinor,
      takenBeforeMinor: payment.takenMinor,
      clawedBeforeMinor: payment.clawedMinor,
    });
    const { id: accountId } = await this.accounts.wallet(payment.userId, creditCurrency);
    const available = spendable(await this.ledger.lockBalances(payment.userId), accountId, 0n);
    const held = reversal.clawedMinor < available ? reversal.clawedMinor : available;
    return held > 0n ? { accountId, amountMinor: held } : undefined;
  }

  private async workOut(
    payment: Payment,
    taking: Pick<TakingBack, 'amountMinor' | 'takenBeforeMinor' | 'clawedBeforeMinor'>,
  ): Promise<{ quote: Quote | undefined; creditCurrency: string; reversal: Reversal }> {
    const { quoteId, creditCurrency, creditMinor } = payment.snapshot as unknown as TopUpSnapshot;
    const quote = quoteId ? await this.quotes.get(payment.userId, quoteId) : undefined;
    const topUp = {
      ...taking,
      paidMinor: payment.amountMinor,
      creditedMinor: BigInt(creditMinor),
      spreadMinor: quote?.spread ?? 0n,
    };
    return { quote, creditCurrency, reversal: reversalOf(topUp, taking.amountMinor) };
  }

  private async legs(
    payment: Payment,
    quote: Quote | undefined,
    currency: string,
    reversal: Reversal,
    postsHolds: string[],
  ): Promise<Leg[]> {
    const { userId } = payment;
    const [wallet, debt] = [await this.accounts.wallet(userId, currency), await this.accounts.debt(userId, currency)];
    const balances = await this.ledger.lockBalances(userId);
    const from = {
      wallet: `account:${wallet.id}` as const,
      debt: `account:${debt.id}` as const,
      spendableMinor: spendable(balances, wallet.id, await this.ledger.heldBy(userId, postsHolds)),
    };
    if (!quote) return clawLegs(reversal.paidMinor, from, 'system:psp_clearing', currency);
    const paidFrom = await this.accounts.wallet(userId, quote.from);
    return [
      ...clawLegs(reversal.clawedMinor, from, 'system:fx_position', currency),
      ...unexchangeLegs(quote, reversal, `account:${paidFrom.id}`),
    ];
  }
}
