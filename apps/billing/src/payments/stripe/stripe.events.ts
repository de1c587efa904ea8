import type Stripe from 'stripe';
import { BadRequestException } from '@nestjs/common';
import type { ProviderEvent } from '../payment-provider.js';

/** A message that is not Stripe's, or not for us (400): nothing is kept of it. */
export class WebhookRefusedError extends BadRequestException {
  constructor(reason: string) {
    super(`Webhook refused: ${reason}`);
  }
}

const TOLERANCE_SECONDS = 300;

/** A delivery as it came in, with what it is checked against. */
interface SignedDelivery {
  body: Buffer;
  signature: string | undefined;
  secrets: readonly string[];
  now: Date;
  livemode: boolean;
}

/**
 * Checks signature, age and mode of a delivery and reads it. The SDK lets timestamps of the future pass, so that is checked here.
 * Throws WebhookRefusedError.
 */
export function readStripeEvent(stripe: Stripe, delivery: SignedDelivery): ProviderEvent {
  const event = verified(stripe, delivery);
  if (event.livemode !== delivery.livemode) throw new WebhookRefusedError('wrong mode');
  return toEvent(event);
}

/** An event in our terms, however it came to us. */
export function toEvent(event: Stripe.Event): ProviderEvent {
  const object = event.data.object as unknown as Record<string, unknown>;
  const metadata = object['metadata'] as Record<string, string> | null | undefined;
  return {
    id: event.id,
    type: event.type,
    createdAt: new Date(event.created * 1000),
    objectId: text(object['id']) ?? event.id,
    paymentId: uuid(object['client_reference_id']) ?? uuid(metadata?.['payment_id']),
    intentId: object['object'] === 'payment_intent' ? text(object['id']) : text(object['payment_intent']),
    payload: event,
  };
}

function verified(stripe: Stripe, { body, signature, secrets, now }: SignedDelivery): Stripe.Event {
  const stamps = (signature ?? '').split(',').filter((item) => item.split('=')[0] === 't');
  // Of several times the SDK would sign over the last one: only one that is alone is the one that was signed.
  const seconds = stamps.length === 1 ? Number(/^t=(\d{1,12})$/.exec(stamps[0]!)?.[1]) : NaN;
  if (!signature || !Number.isSafeInteger(seconds)) throw new WebhookRefusedError('no signature');
  if (Math.abs(now.getTime() / 1000 - seconds) > TOLERANCE_SECONDS) throw new WebhookRefusedError('too old or too new');
  for (const secret of secrets) {
    try {
      // 0 leaves the age to the check above, which looks both ways.
      return stripe.webhooks.constructEvent(body, signature, secret, 0);
    } catch {
      continue;
    }
  }
  throw new WebhookRefusedError('bad signature');
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function uuid(value: unknown): string | null {
  return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value) ? value : null;
}
