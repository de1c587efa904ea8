import type Stripe from 'stripe';
import type { CheckoutSession, ProviderDispute, ProviderMoneyLine, ProviderRefund } from '../payment-provider.js';

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

const LINE_KINDS: Record<string, ProviderMoneyLine['kind']> = {
  charge: 'charge',
  payment: 'charge',
  refund: 'refund',
  payment_refund: 'refund',
  refund_failure: 'refund_failure',
  payment_failure_refund: 'refund_failure',
  dispute: 'dispute',
  dispute_reversal: 'dispute_reversal',
};

/** `source` is expanded; what is not there cannot be matched and is reported as not ours. */
export function toMoneyLine(line: Stripe.BalanceTransaction): ProviderMoneyLine {
  const expanded = typeof line.source === 'object' ? line.source : null;
  const source = expanded as Record<string, unknown> | null;
  const [intent, sourceId] = [source?.['payment_intent'], source?.['id']];
  const metadata = source?.['metadata'] as Record<string, string> | undefined;
  // A charge-back is an `adjustment` whose category says what it is.
  const kind = LINE_KINDS[line.reporting_category] ?? LINE_KINDS[line.type] ?? 'other';
  return {
    id: line.id,
    kind,
    sourceId: typeof line.source === 'string' ? line.source : typeof sourceId === 'string' ? sourceId : line.id,
    intentId: typeof intent === 'string' ? intent : null,
    paymentId: metadata?.['payment_id'] ?? null,
    ...moved(line, expanded),
    createdAt: new Date(line.created * 1000),
  };
}

/** The line itself is in the currency the account settles in, exchanged where that is another one; its source is as it was charged. */
function moved(
  line: Stripe.BalanceTransaction,
  source: Stripe.BalanceTransactionSource | null,
): Pick<ProviderMoneyLine, 'amountMinor' | 'currency'> {
  const { amount, currency } = charged(source) ?? { amount: Math.abs(line.amount), currency: line.currency };
  return { amountMinor: BigInt(line.amount < 0 ? -amount : amount), currency: currency.toUpperCase() };
}

function charged(source: Stripe.BalanceTransactionSource | null): { amount: number; currency: string } | undefined {
  switch (source?.object) {
    case 'charge':
      return { amount: source.amount_captured, currency: source.currency };
    case 'refund':
    case 'dispute':
      return source;
    default:
      return undefined;
  }
}
