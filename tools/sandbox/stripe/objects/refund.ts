import type Stripe from 'stripe';

export interface RefundFacts {
  id: string;
  created: number;
  amount: number;
  charge: Stripe.Charge;
  metadata: Record<string, string>;
  reason: string | null;
  status: 'succeeded' | 'pending';
}

/** Money on its way back, not yet in the books. */
export function refund(facts: RefundFacts): Stripe.Refund {
  const byCard = facts.charge.payment_method_details?.type === 'card';
  return {
    id: facts.id,
    object: 'refund',
    amount: facts.amount,
    balance_transaction: null,
    charge: facts.charge.id,
    created: facts.created,
    currency: facts.charge.currency,
    customer: facts.charge.customer,
    customer_account: null,
    ...(byCard && {
      destination_details: {
        card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
        type: 'card',
      },
    }),
    metadata: facts.metadata,
    payment_intent: facts.charge.payment_intent,
    payment_method: facts.charge.payment_method,
    reason: facts.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: facts.status,
    transfer_reversal: null,
  };
}
