import { Injectable } from '@nestjs/common';
import { AccountsService } from '../accounts/accounts.service.js';
import type { Leg, Posted } from '../ledger/ledger.js';
import { LedgerService } from '../ledger/ledger.service.js';
import type { Payment } from '../payments/payment.js';
import type { PlanOffer } from '../plans/plan.js';
import type { Subscription } from './subscription.js';

/** One payment for a period out of the holder's own balance. */
export interface BalancePayment {
  subscription: Subscription;
  offer: PlanOffer;
  kind: 'subscription_purchase' | 'subscription_renewal';
  /** Unique per user for ever. */
  key: string;
  actor: string;
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

function purchase(walletId: string, currency: string, amountMinor: bigint): Leg {
  return { code: 'purchase', debit: `account:${walletId}`, credit: 'system:deferred_revenue', currency, amountMinor };
}

function metaOf({ planName, product, termMonths }: PlanOffer): Record<string, string> {
  return { plan: planName, product, termMonths: String(termMonths) };
}
