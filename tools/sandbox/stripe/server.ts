import type { FastifyInstance } from 'fastify';
import { StripeApi } from './api.ts';
import { bankPages } from './pages/bank-pages.ts';
import { checkoutPage } from './pages/checkout-page.ts';
import { bookRoutes } from './routes-books.ts';
import { checkoutRoutes } from './routes-checkout.ts';
import { customerRoutes } from './routes-customers.ts';
import { disputeRoutes } from './routes-disputes.ts';
import { intentRoutes } from './routes-intents.ts';
import { paymentRoutes } from './routes-payments.ts';
import type { WebhookDispatcher } from './webhooks.ts';
import type { StripeWorld } from './world.ts';

/** Ways this double can misbehave; `value` is the size named in brackets. */
export const STRIPE_FAULTS = {
  'api.unavailable': 'an outage in front of the API, nothing kept under the key [status, 503]',
  'api.error_before_commit': '500 without effect, kept under the key as Stripe does',
  'api.error_after_commit': '500 although the call took effect, kept under the key',
  'api.rate_limit': '429',
  'api.conflict': '409 lock_timeout',
  'api.hang': 'no answer, no effect',
  'api.hang_after_commit': 'takes effect, never answers',
  'api.reset': 'connection reset, no effect',
  'api.reset_after_commit': 'takes effect, then the connection is reset',
  'api.errorless_404': '404 without an error object',
  'api.slow': 'waits before it acts [ms, 1000]',
  'api.slow_body': 'takes effect, sends the answer in two halves [ms between, 1000]',
  'webhook.duplicate': 'sends the event several times at once [copies, 2]',
  'webhook.delay': 'sends later [ms, 2000]',
  'webhook.reorder': 'sends at a random later moment [ms at most, 2000]',
  'webhook.drop': 'never sends; events.list shows it as undelivered',
  'webhook.wrong_secret': 'one attempt signed with another secret',
  'webhook.stale': 'one attempt with an old timestamp [seconds, 301]',
  'webhook.future': 'one attempt with a timestamp ahead [seconds, 3600]',
  'webhook.truncated': 'one attempt with the end of the body cut off',
  'webhook.tampered': 'one attempt with a byte changed after signing',
  'webhook.livemode': 'one attempt that says livemode: true, well signed',
  'webhook.two_signatures': 'a foreign v1 beside the right one; must be accepted',
  'webhook.before_redirect': 'the payer is sent back only after the webhooks were tried',
  'webhook.after_redirect': 'webhooks wait until the payer was sent back [ms, 1500]',
} as const;

/** API, hosted pages and nothing else on one port, as stripe-node expects. */
export function stripeRoutes(app: FastifyInstance, world: StripeWorld, webhooks: WebhookDispatcher): void {
  const api = new StripeApi(app, world);
  checkoutRoutes(api, world);
  intentRoutes(api, world);
  paymentRoutes(api, world);
  disputeRoutes(api, world);
  customerRoutes(api, world);
  bookRoutes(api, world);
  api.unknown();
  checkoutPage(app, world, webhooks);
  bankPages(app, world, webhooks);
}
