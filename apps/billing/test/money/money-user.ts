import { randomUUID } from 'node:crypto';
import assert from 'node:assert/strict';
import { vi } from 'vitest';
import type { BillingStack } from '../subscriptions/billing-stack.js';

export interface Money {
  amount: string;
  currency: string;
}
export interface Quote {
  id: string;
  amountOut: Money;
  status: string;
  expiresAt: string;
}
export interface TopUp {
  id: string;
  status: string;
  checkoutUrl: string;
  credits: Money;
  transactionId: string | null;
}
export interface Problem {
  code: string;
  status: number;
}

/** A user of billing, and what a user does. */
export class MoneyUser {
  private constructor(
    private readonly stack: BillingStack,
    readonly id: string,
  ) {}

  /** A new user with a profile. */
  static async join(stack: BillingStack): Promise<MoneyUser> {
    const user = new MoneyUser(stack, randomUUID());
    assert.equal((await stack.call(user.id, 'POST', '/profiles', {})).status, 201);
    return user;
  }

  async balances(): Promise<Record<string, string>> {
    const { body } = await this.stack.call<{ items: { currency: string; kind: string; balance: Money }[] }>(
      this.id,
      'GET',
      '/accounts',
    );
    return Object.fromEntries(
      body.items.map(({ currency, kind, balance }) => [
        kind === 'debt' ? `${currency} debt` : currency,
        balance.amount,
      ]),
    );
  }

  async held(currency: string): Promise<string | undefined> {
    const { body } = await this.stack.call<{ items: { currency: string; held: Money }[] }>(this.id, 'GET', '/accounts');
    return body.items.find((account) => account.currency === currency)?.held.amount;
  }

  async quote(amount: string, currency: string, to: string): Promise<Quote> {
    const { status, body } = await this.stack.call<Quote>(this.id, 'POST', '/quotes', {
      from: { amount, currency },
      to,
    });
    assert.equal(status, 201, JSON.stringify(body));
    return body;
  }

  async begin(order: object, key?: string): Promise<TopUp> {
    const { status, body } = await this.stack.call<TopUp>(this.id, 'POST', '/top-ups', order, key ? { key } : {});
    assert.equal(status, 201, JSON.stringify(body));
    return body;
  }

  async topUp(id: string): Promise<TopUp> {
    return (await this.stack.call<TopUp>(this.id, 'GET', `/top-ups/${id}`)).body;
  }

  async settled(id: string, status = 'succeeded'): Promise<void> {
    await vi.waitUntil(async () => (await this.topUp(id)).status === status, { timeout: 15_000, interval: 50 });
  }

  /** A paid top-up: of an amount in its own currency, or under a quote into `to`. */
  async pay(amount: string, currency: string, to = currency): Promise<TopUp> {
    const order =
      to === currency ? { amount: { amount, currency } } : { quoteId: (await this.quote(amount, currency, to)).id };
    const topUp = await this.begin(order);
    await this.stack.sandbox.pay(topUp.checkoutUrl);
    await this.settled(topUp.id);
    return topUp;
  }

  /** Changes what the user has into another currency, which spends it. */
  async convert(amount: string, currency: string, to: string): Promise<void> {
    const { id: quoteId } = await this.quote(amount, currency, to);
    const { status, body } = await this.stack.call(this.id, 'POST', '/conversions', { quoteId });
    assert.equal(status, 201, JSON.stringify(body));
  }
}
