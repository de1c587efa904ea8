import type { FastifyReply } from 'fastify';
import type Stripe from 'stripe';
import type { WebhookDispatcher } from '../webhooks.ts';
import type { SessionRow, StripeWorld } from '../world.ts';

/** Where a paid session leads, its id written into the address as Stripe does. */
export function successAddress(session: Stripe.Checkout.Session): string {
  return (session.success_url ?? '').replaceAll('{CHECKOUT_SESSION_ID}', session.id);
}

/** Sends the payer back to the shop; faults decide whether the webhooks come first, at the same time or later. */
export async function goOn(
  reply: FastifyReply,
  row: SessionRow,
  eventIds: readonly string[],
  world: StripeWorld,
  webhooks: WebhookDispatcher,
): Promise<FastifyReply> {
  const timing = world.faults.take(
    'stripe',
    ['webhook.before_redirect', 'webhook.after_redirect'],
    'checkout.session.completed',
  );
  if (timing?.kind === 'webhook.before_redirect') await webhooks.deliverNow(eventIds);
  else if (timing) reply.raw.once('finish', () => webhooks.deliverSoon(eventIds, timing.value ?? 1500));
  else webhooks.deliverSoon(eventIds);
  return reply.redirect(successAddress(row.session), 303);
}
