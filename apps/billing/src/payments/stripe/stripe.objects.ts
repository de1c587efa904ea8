import type Stripe from 'stripe';
import type { CheckoutSession, ProviderDispute, ProviderRefund } from '../payment-provider.js';

/** Stripe's objects in our terms. */
export function toSession(session: Stripe.Checkout.Session): CheckoutSession {
  const intent = session.payment_intent;
  return {
    id: session.id,
    url: session.url,
    status: session.status ?? 'unknown',
    paymentStatus: session.payment_status,
    mode: session.mode,
    amountMinor: session.amount_total === null ? null : BigInt(session.amount_total),
    currency: session.currency?.toUpperCase() ?? null,
    livemode: session.livemode,
    paymentId: session.client_reference_id,
    userId: session.metadata?.['user_id'] ?? null,
    intentId: typeof intent === 'string' ? intent : (intent?.id ?? null),
    intentStatus: typeof intent === 'object' ? (intent?.status ?? null) : null,
  };
}

export function toRefund(refund: Stripe.Refund): ProviderRefund {
  return {
    id: refund.id,
    status: refund.status ?? 'pending',
    amountMinor: BigInt(refund.amount),
    refundId: refund.metadata?.['refund_id'] ?? null,
    failure: refund.failure_reason ?? null,
  };
}

export function toDispute(dispute: Stripe.Dispute): ProviderDispute {
  const intent = dispute.payment_intent;
  return {
    id: dispute.id,
    intentId: typeof intent === 'string' ? intent : (intent?.id ?? null),
    status: dispute.status,
    amountMinor: BigInt(dispute.amount),
    reason: dispute.reason,
    openedAt: new Date(dispute.created * 1000),
  };
}
