import type Stripe from 'stripe';
import { enter } from './books.ts';
import type { EventBatch } from './events.ts';
import { newId } from './ids.ts';
import { dispute as buildDispute } from './objects/dispute.ts';
import type { StripeWorld } from './world.ts';

const FEE = 1500;

/** The payer's bank takes the money back, at once and with a fee. */
export function openDispute(
  world: StripeWorld,
  charge: Stripe.Charge,
  terms: { amount: number; reason: string },
  batch: EventBatch,
): Stripe.Dispute {
  const dispute = buildDispute({ id: newId('du_1', 23), created: world.clock.seconds(), charge, ...terms });
  charge.disputed = true;
  world.charges.put(charge.id, charge);
  batch.add('charge.dispute.created', dispute);
  const withdrawn = entry(world, dispute, -dispute.amount, FEE, `Chargeback withdrawal for ${charge.id}`);
  dispute.balance_transactions = [withdrawn];
  world.disputes.put(dispute.id, dispute);
  batch.add('charge.dispute.funds_withdrawn', dispute);
  return dispute;
}

/** Records the shop's evidence; Stripe's magic words decide the case in test mode. */
export function submitEvidence(
  world: StripeWorld,
  dispute: Stripe.Dispute,
  words: string | undefined,
  submit: boolean,
  batch: EventBatch,
): void {
  const before = { status: dispute.status };
  dispute.evidence_details.has_evidence = true;
  if (words !== undefined) dispute.evidence.uncategorized_text = words;
  if (submit) {
    dispute.evidence_details.submission_count += 1;
    dispute.status = 'under_review';
  }
  world.disputes.put(dispute.id, dispute);
  batch.add('charge.dispute.updated', dispute, before);
  if (!submit) return;
  if (words === 'winning_evidence') closeDispute(world, dispute, 'won', batch);
  if (words === 'losing_evidence') closeDispute(world, dispute, 'lost', batch);
}

/** The bank's decision: won gives the money and the fee back, lost keeps both. */
export function closeDispute(
  world: StripeWorld,
  dispute: Stripe.Dispute,
  status: 'won' | 'lost',
  batch: EventBatch,
): void {
  dispute.status = status;
  if (status === 'won') {
    const returned = entry(world, dispute, dispute.amount, -FEE, `Chargeback reversal for ${String(dispute.charge)}`);
    dispute.balance_transactions = [...dispute.balance_transactions, returned];
    batch.add('charge.dispute.funds_reinstated', dispute);
  }
  world.disputes.put(dispute.id, dispute);
  batch.add('charge.dispute.closed', dispute);
}

/** Open means the bank has not decided yet. */
export function isOpen(dispute: Stripe.Dispute): boolean {
  return dispute.status !== 'won' && dispute.status !== 'lost';
}

function entry(
  world: StripeWorld,
  dispute: Stripe.Dispute,
  amount: number,
  fee: number,
  description: string,
): Stripe.BalanceTransaction {
  return enter(world, {
    currency: dispute.currency,
    amount,
    fee,
    source: dispute.id,
    type: 'adjustment',
    category: amount < 0 ? 'dispute' : 'dispute_reversal',
    description,
  });
}
