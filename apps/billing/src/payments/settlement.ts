import type { Payment } from './payment.js';
import type { CheckoutSession } from './payment-provider.js';

/** What a session as it is now means for the payment it belongs to. */
export type Settlement =
  | { is: 'paid' }
  | { is: 'open' }
  | { is: 'processing' }
  | { is: 'failed' }
  | { is: 'expired' }
  | { is: 'mismatch'; reason: string };

/** Compares a session with our row and our provider's mode, and says what follows. Unknown states of the provider mean "look again later", never success. */
export function settlementOf(
  payment: Pick<Payment, 'id' | 'userId' | 'amountMinor' | 'currency'>,
  session: CheckoutSession,
  livemode: boolean,
): Settlement {
  const reason = session.livemode === livemode ? mismatchOf(payment, session) : `livemode is ${session.livemode}`;
  if (reason) return { is: 'mismatch', reason };
  if (session.status === 'complete' && session.paymentStatus === 'paid') return { is: 'paid' };
  if (session.status === 'expired') return { is: 'expired' };
  if (session.status !== 'complete') return { is: 'open' };
  const over = session.intentStatus === 'requires_payment_method' || session.intentStatus === 'canceled';
  return { is: over ? 'failed' : 'processing' };
}

/** What was agreed must be what was paid (providers may be misconfigured, sessions may be made by somebody else with our account). */
function mismatchOf(
  payment: Pick<Payment, 'id' | 'userId' | 'amountMinor' | 'currency'>,
  session: CheckoutSession,
): string | undefined {
  if (session.mode !== 'payment') return `mode is ${session.mode}`;
  if (session.paymentId !== payment.id) return 'the session names another payment';
  if (session.userId !== payment.userId) return 'the session names another user';
  if (session.currency !== payment.currency) return `currency is ${session.currency}`;
  if (session.amountMinor !== payment.amountMinor) return `amount is ${session.amountMinor}`;
  return undefined;
}
