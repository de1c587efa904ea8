import Stripe from 'stripe';
import { UnavailableError } from '#libs/errors';
import { BillingConfig } from '../../billing.config.js';

/** The SDK with its times and retries said aloud: its own defaults wait 80 seconds. */
export function createStripe(config: Pick<BillingConfig, 'STRIPE_SECRET_KEY' | 'STRIPE_API_BASE'>): Stripe {
  const base = config.STRIPE_API_BASE ? new URL(config.STRIPE_API_BASE) : undefined;
  return new Stripe(config.STRIPE_SECRET_KEY, {
    telemetry: false,
    timeout: 10_000,
    maxNetworkRetries: 2,
    ...(base && {
      protocol: base.protocol === 'https:' ? 'https' : 'http',
      host: base.hostname,
      port: base.port || (base.protocol === 'https:' ? '443' : '80'),
    }),
  });
}

/** Runs a call of the SDK; what may pass by itself becomes UnavailableError. */
export async function callStripe<T extends { object: string }>(object: string, call: () => Promise<T>): Promise<T> {
  try {
    const answer = await call();
    // An error body in an unexpected shape is handed over by the SDK as if it were the object.
    if (answer.object !== object) throw new UnavailableError('The payment provider', new Error(`not a ${object}`));
    return answer;
  } catch (error) {
    throw isPassing(error) ? new UnavailableError('The payment provider', error) : error;
  }
}

function isPassing(error: unknown): boolean {
  const passing = [
    Stripe.errors.StripeConnectionError,
    Stripe.errors.StripeAPIError,
    Stripe.errors.StripeRateLimitError,
    Stripe.errors.StripeAuthenticationError,
  ];
  return passing.some((kind) => error instanceof kind);
}
