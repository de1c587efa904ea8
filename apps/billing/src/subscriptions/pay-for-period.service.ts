import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AccountsService } from '../accounts/accounts.service.js';
import type { Leg, Posted } from '../ledger/ledger.js';
import { LedgerService } from '../ledger/ledger.service.js';
import type { Payment } from '../payments/payment.js';
import type { PlanOffer } from '../plans/plan.js';
import type { Subscription, SubscriptionPeriod } from './subscription.js';

/** One payment for a period out of the holder's own balance. */
export interface BalancePayment {
  subscription: Subscription;
  offer: PlanOffer;
  kind: 'subscription_purchase' | 'subscription_renewal';
  /** Unique per user for ever. */
  key: string;
  actor: string;
}

/** Money of a period that goes back to its holder. */
export interface GivenBack {
  subscription: Subscription;
  period: SubscriptionPeriod;
  amountMinor: bigint;
  kind: 'subscription_refund' | 'refund' | 'dispute_lost';
  key: string;
  actor: string;
  reason: string;
  /** Through the wallet on to the provider, or only into the wallet. */
  payOut: boolean;
}

/** The money side of a period: it arrives as not yet earned, and is earned later, day by day. */
@Injectable()
export class PayForPeriodService {
  constructor(
    private readonly accounts: AccountsService,
    private readonly ledger: LedgerService,
  ) {}

  /**
   * Moves the price out of the wallet of its currency, in the ambient transaction.
   * Throws InsufficientFundsError (402), AccountNotUsableError (409); nothing is written then.
   */
  async fromBalance({ subscription, offer, kind, key, actor }: BalancePayment): Promise<Posted> {
    const { userId } = subscription;
    const wallet = await this.accounts.wallet(userId, offer.currency);
    return this.ledger.post({
      userId,
      kind,
      idempotencyKey: key,
      legs: [purchase(wallet.id, offer.currency, BigInt(offer.amountMinor))],
      source: { type: 'subscription', id: subscription.id },
      actor,
      meta: metaOf(offer),
    });
  }

  /**
   * Brings money of a period back into the wallet, and with `payOut` through it back to the provider, in the ambient transaction.
   * Frozen or not, the money goes back.
   */
  async giveBack(back: GivenBack): Promise<Posted> {
    const { subscription, period, amountMinor, kind, key, actor, reason, payOut } = back;
    const currency = period.paidCurrency;
    const wallet = await this.accounts.wallet(subscription.userId, currency);
    const side = `account:${wallet.id}` as const;
    const { deferredMinor, earnedMinor } = sourcesOf(period, amountMinor);
    const legs: Leg[] = [
      { code: 'given_back', debit: 'system:deferred_revenue', credit: side, currency, amountMinor: deferredMinor },
      { code: 'given_back', debit: 'system:revenue', credit: side, currency, amountMinor: earnedMinor },
    ];
    if (payOut) legs.push({ code: 'paid_out', debit: side, credit: 'system:psp_clearing', currency, amountMinor });
    return this.ledger.post({
      userId: subscription.userId,
      kind,
      idempotencyKey: key,
      legs: legs.filter((leg) => leg.amountMinor > 0n),
      source: period.paymentId
        ? { type: 'payment', id: period.paymentId }
        : { type: 'subscription', id: subscription.id },
      actor,
      reason,
      meta: metaOf(period.offer),
      evenFrozen: true,
    });
  }

  /** Books a captured payment, in the ambient transaction; it passes through the wallet, so that a history is one list. */
  async byCard({ id, userId, currency, amountMinor }: Payment, offer: PlanOffer): Promise<Posted> {
    const wallet = await this.accounts.wallet(userId, currency);
    return this.ledger.post({
      userId,
      kind: 'subscription_purchase',
      idempotencyKey: `payment:${id}`,
      legs: [
        { code: 'capture', debit: 'system:psp_clearing', credit: `account:${wallet.id}`, currency, amountMinor },
        purchase(wallet.id, currency, amountMinor),
      ],
      source: { type: 'payment', id },
      actor: 'system',
      // Money that has arrived is always booked, whatever state the account is in.
      evenFrozen: true,
      meta: metaOf(offer),
    });
  }
}

/** The ledger's key for what a client asked for under its own; hashed, because the client's may be as long as the ledger's. */
export function postingKey(what: string, clientKey: string): string {
  return `${what}:${createHash('sha256').update(clientKey).digest('hex')}`;
}

/** Where the money of a period that is given back comes from: first what is not earned yet, then what is. */
export function sourcesOf(
  period: SubscriptionPeriod,
  amountMinor: bigint,
): { deferredMinor: bigint; earnedMinor: bigint } {
  const unearned = period.paidMinor - period.earnedMinor - period.refundedMinor;
  const deferredMinor = amountMinor < unearned ? amountMinor : unearned;
  return { deferredMinor, earnedMinor: amountMinor - deferredMinor };
}

function purchase(walletId: string, currency: string, amountMinor: bigint): Leg {
  return { code: 'purchase', debit: `account:${walletId}`, credit: 'system:deferred_revenue', currency, amountMinor };
}

function metaOf({ planName, product, termMonths }: PlanOffer): Record<string, string> {
  return { plan: planName, product, termMonths: String(termMonths) };
}
