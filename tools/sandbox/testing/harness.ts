import Stripe from 'stripe';
import { optionsFromEnv, type SandboxOptions } from '../options.ts';
import { Sandbox } from '../sandbox.ts';
import type { FaultInput } from '../core/faults.ts';

export interface TestSettings {
  stateDir?: string;
  webhookUrl?: string;
  retrySeconds?: number[];
  webhookTimeoutMs?: number;
  redirectUris?: string[];
  mailKeep?: number;
}

/** A sandbox on free ports, without webhooks unless an address is given; retries come quickly. */
export async function startSandbox(settings: TestSettings = {}): Promise<Sandbox> {
  const options: SandboxOptions = {
    ...optionsFromEnv({}),
    ports: { control: 0, stripe: 0, google: 0, fx: 0, mailbox: 0, smtp: 0 },
    stateDir: settings.stateDir,
  };
  options.stripe.webhookUrl = settings.webhookUrl ?? '';
  options.stripe.retrySeconds = settings.retrySeconds ?? [0.02, 0.02, 0.02, 0.02];
  options.stripe.timeoutMs = settings.webhookTimeoutMs ?? options.stripe.timeoutMs;
  if (settings.redirectUris) options.google.redirectUris = settings.redirectUris;
  if (settings.mailKeep !== undefined) options.mail.keep = settings.mailKeep;
  return new Sandbox(options).start();
}

/** The real SDK, pointed at the sandbox exactly as production code points it. */
export function sdkFor(sandbox: Sandbox, config: Stripe.StripeConfig = {}): Stripe {
  const { hostname, port } = new URL(sandbox.urls.stripe);
  return new Stripe('sk_test_sandbox', {
    protocol: 'http',
    host: hostname,
    port: Number(port),
    telemetry: false,
    timeout: 5000,
    maxNetworkRetries: 0,
    ...config,
  });
}

export const SHOP = 'http://shop.invalid';

/** A payment session of `amount` minor units. */
export function sessionParams(amount = 2000, currency = 'eur'): Stripe.Checkout.SessionCreateParams {
  return {
    mode: 'payment',
    success_url: `${SHOP}/paid?session={CHECKOUT_SESSION_ID}`,
    cancel_url: `${SHOP}/cart`,
    client_reference_id: 'order-1',
    customer_email: 'payer@example.com',
    metadata: { order: 'order-1' },
    payment_intent_data: { metadata: { order: 'order-1' } },
    line_items: [
      { quantity: 1, price_data: { currency, unit_amount: amount, product_data: { name: 'Three months' } } },
    ],
  };
}

/** Submits the form of the hosted page as a browser would; redirects are left to the caller. */
export async function submit(url: string, form: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
}

/** Fills in the hosted page and pays. */
export async function payByCard(sandbox: Sandbox, sessionId: string, card = '4242 4242 4242 4242'): Promise<Response> {
  const form = {
    action: 'pay',
    email: 'payer@example.com',
    card_number: card,
    expiry: '12 / 34',
    cvc: '123',
    name: 'A Payer',
  };
  return submit(`${sandbox.urls.stripe}/c/pay/${sessionId}`, form);
}

/** A paid session and its payment intent's id. */
export async function paidSession(
  sandbox: Sandbox,
  amount = 2000,
  card?: string,
): Promise<{ session: string; intent: string }> {
  const sdk = sdkFor(sandbox);
  const { id } = await sdk.checkout.sessions.create(sessionParams(amount));
  await payByCard(sandbox, id, card);
  const { payment_intent: intent } = await sdk.checkout.sessions.retrieve(id);
  if (typeof intent !== 'string') throw new Error('the session was not paid');
  return { session: id, intent };
}

/** One call of the control plane, with its token. */
export async function control(sandbox: Sandbox, method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${sandbox.urls.control}/_sandbox${path}`, {
    method,
    headers: { authorization: 'Bearer sandbox', ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
}

/** Adds one fault rule; throws when it is refused. */
export async function addFault(sandbox: Sandbox, fault: FaultInput): Promise<void> {
  const response = await control(sandbox, 'POST', '/faults', fault);
  if (response.status !== 201) throw new Error(await response.text());
}
