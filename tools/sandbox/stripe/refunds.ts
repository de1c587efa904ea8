import type Stripe from 'stripe';
import { display } from './amounts.ts';
import { enter } from './books.ts';
import { refused } from './errors.ts';
import { EventBatch } from './events.ts';
import { fingerprint } from './objects/payment-method.ts';
import { TEST_CARDS } from './cards.ts';
import { newId } from './ids.ts';
import { refund as buildRefund } from './objects/refund.ts';
import type { RefundRow, StripeWorld } from './world.ts';

export interface RefundTerms {
  amount?: number;
  reason?: string;
  metadata?: Record<string, string>;
}

/** Gives money back, whole or in part; refuses more than what is left, a failed charge and a disputed one. */
export function createRefund(world: StripeWorld, charge: Stripe.Charge, terms: RefundTerms): Stripe.Refund {
  const left = charge.amount_captured - charge.amount_refunded;
  const amount = terms.amount ?? left;
  if (charge.status !== 'succeeded')
    throw refused(`Charge ${charge.id} has not succeeded and cannot be refunded.`, 'charge_not_refundable');
  if (charge.disputed)
    throw refused(`Charge ${charge.id} has been charged back; cannot issue a refund.`, 'charge_disputed');
  if (left === 0) throw refused(`Charge ${charge.id} has already been refunded.`, 'charge_already_refunded');
  if (amount > left) {
    throw refused(
      `Refund amount (${display(amount, charge.currency)}) is greater than unrefunded amount on charge (${display(left, charge.currency)})`,
      undefined,
      'amount',
    );
  }
  const behaviour = refundBehaviour(charge);
  const refund = buildRefund({
    id: newId('re_3', 23),
    created: world.clock.seconds(),
    amount,
    charge,
    metadata: terms.metadata ?? {},
    reason: terms.reason ?? null,
    status: behaviour === 'pending_first' ? 'pending' : 'succeeded',
  });
  refund.balance_transaction = entry(world, charge, -amount, refund.id, 'refund').id;
  const dueAt = world.clock.seconds() + world.settings.asyncSeconds;
  const row: RefundRow = {
    refund,
    change: behaviour === undefined ? null : { to: behaviour === 'fail_later' ? 'failed' : 'succeeded', dueAt },
  };
  world.refunds.put(refund.id, row);
  if (row.change) world.promise(dueAt);
  const before = { amount_refunded: charge.amount_refunded, refunded: charge.refunded };
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount_captured;
  world.charges.put(charge.id, charge);
  const batch = new EventBatch().add('refund.created', refund).add('charge.refunded', charge, before);
  if (refund.status === 'succeeded') addReference(refund, batch);
  world.refunds.put(refund.id, row);
  batch.publish(world);
  return refund;
}

/** A pending refund goes through. */
export function succeedRefund(world: StripeWorld, row: RefundRow): void {
  row.change = null;
  row.refund.status = 'succeeded';
  world.refunds.put(row.refund.id, row);
  new EventBatch().add('refund.updated', row.refund, { status: 'pending' }).publish(world);
}

/** A refund comes back from the payer's bank: the money is the shop's again. */
export function failRefund(world: StripeWorld, row: RefundRow): void {
  const { refund } = row;
  const charge = world.charges.get(String(refund.charge));
  if (!charge) return;
  row.change = null;
  refund.status = 'failed';
  refund.failure_reason = 'lost_or_stolen_card';
  refund.failure_balance_transaction = entry(world, charge, refund.amount, refund.id, 'refund_failure').id;
  charge.amount_refunded -= refund.amount;
  charge.refunded = false;
  world.charges.put(charge.id, charge);
  world.refunds.put(refund.id, row);
  new EventBatch().add('refund.failed', refund).add('charge.updated', charge).publish(world);
}

/** The bank's reference arrives a moment after the refund itself. */
function addReference(refund: Stripe.Refund, batch: EventBatch): void {
  const card = refund.destination_details?.card;
  if (!card) return;
  const before = { destination_details: structuredClone(refund.destination_details) };
  card.reference = newId('', 10).toUpperCase();
  card.reference_status = 'available';
  batch.add('refund.updated', refund, before);
}

function refundBehaviour(charge: Stripe.Charge): 'fail_later' | 'pending_first' | undefined {
  const print = charge.payment_method_details?.card?.fingerprint;
  return TEST_CARDS.find((card) => fingerprint(card.number) === print)?.refunds;
}

function entry(
  world: StripeWorld,
  charge: Stripe.Charge,
  amount: number,
  source: string,
  type: 'refund' | 'refund_failure',
): Stripe.BalanceTransaction {
  return enter(world, {
    currency: charge.currency,
    amount,
    fee: 0,
    source,
    type,
    category: type,
    description: type === 'refund' ? 'REFUND FOR CHARGE' : 'REFUND FAILURE',
  });
}
