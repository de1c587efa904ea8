import { Injectable } from '@nestjs/common';
import { AccountsService } from '../accounts/accounts.service.js';
import type { Posted } from '../ledger/ledger.js';
import { LedgerService } from '../ledger/ledger.service.js';
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

@Injectable()
export class PayFromBalanceService {
  constructor(
    private readonly accounts: AccountsService,
    private readonly ledger: LedgerService,
  ) {}

  /**
   * Moves the price from the wallet of its currency to what is not yet earned, in the ambient transaction.
   * Throws InsufficientFundsError (402), AccountNotUsableError (409); nothing is written then.
   */
  async take({ subscription, offer, kind, key, actor }: BalancePayment): Promise<Posted> {
    const wallet = await this.accounts.wallet(subscription.userId, offer.currency);
    return this.ledger.post({
      userId: subscription.userId,
      kind,
      idempotencyKey: key,
      legs: [
        {
          code: 'purchase',
          debit: `account:${wallet.id}`,
          credit: 'system:deferred_revenue',
          currency: offer.currency,
          amountMinor: BigInt(offer.amountMinor),
        },
      ],
      source: { type: 'subscription', id: subscription.id },
      actor,
      meta: { plan: offer.planName, product: offer.product, termMonths: String(offer.termMonths) },
    });
  }
}
