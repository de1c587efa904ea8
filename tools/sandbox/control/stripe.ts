import type { FastifyInstance, FastifyRequest } from 'fastify';
import { findCard, TEST_IBANS } from '../stripe/cards.ts';
import { authenticate, type Choice, paySession, settle } from '../stripe/checkout.ts';
import { closeDispute, isOpen, openDispute } from '../stripe/disputes.ts';
import { EventBatch } from '../stripe/events.ts';
import { createRefund, failRefund, succeedRefund } from '../stripe/refunds.ts';
import { truth } from '../stripe/truth.ts';
import { ControlError } from './errors.ts';
import type { ControlWorld } from './world.ts';

type Body = Record<string, unknown>;

/** The payer, the bank and the dashboard, played by a test. */
export function stripeControl(app: FastifyInstance, sandbox: ControlWorld): void {
  const { stripe, webhooks } = sandbox;

  app.get('/_sandbox/stripe/truth', async () => truth(stripe));

  app.post('/_sandbox/stripe/settlements', async (request) => {
    const { from, currency, rate } = bodyOf(request);
    if (typeof from !== 'string' || typeof currency !== 'string')
      throw new ControlError(422, 'from and currency are currency codes');
    if (from === currency) {
      stripe.settlements.delete(from);
      return { from, currency, rate: 1 };
    }
    if (typeof rate !== 'number' || !(rate > 0)) throw new ControlError(422, 'rate is a number above 0');
    return { from, ...stripe.settlements.put(from, { currency, rate }) };
  });

  app.get('/_sandbox/stripe/deliveries', async (request) => {
    const { state, type } = request.query as Record<string, string | undefined>;
    const items = stripe.deliveries
      .values()
      .filter(
        (delivery) =>
          (state === undefined || delivery.state === state) && (type === undefined || delivery.type === type),
      );
    return { items };
  });

  app.post('/_sandbox/stripe/events/:id/replay', async (request, reply) => {
    if (!stripe.events.get(idOf(request))) throw new ControlError(404, 'no such event');
    webhooks.replay(idOf(request));
    return reply.code(202).send({ replayed: 1 });
  });

  app.post('/_sandbox/stripe/events/replay', async (request, reply) => {
    const { type, state } = bodyOf(request);
    const chosen = stripe.deliveries
      .values()
      .filter(
        (delivery) =>
          (type === undefined || delivery.type === type) && (state === undefined || delivery.state === state),
      );
    for (const { eventId } of chosen) webhooks.replay(eventId);
    return reply.code(202).send({ replayed: chosen.length });
  });

  app.post('/_sandbox/stripe/sessions/:id/pay', async (request) => {
    const row = found(stripe.sessions.get(idOf(request)), 'session');
    const { card = '4242424242424242', iban, email } = bodyOf(request);
    const payer = {
      email: typeof email === 'string' ? email : row.session.customer_email,
      name: 'Sandbox Payer',
      country: 'US',
    };
    const result = paySession(stripe, row, choiceOf(card, iban), payer);
    if (!result) throw new ControlError(409, `the session is ${String(row.session.status)}`);
    return { result, session: row.session };
  });

  app.post('/_sandbox/stripe/payment_intents/:id/authenticate', async (request) => {
    const row = found(stripe.intents.get(idOf(request)), 'payment intent');
    const result = authenticate(stripe, row, bodyOf(request)['passed'] !== false);
    if (!result) throw new ControlError(409, 'the payment waits for no authentication');
    return { result };
  });

  app.post('/_sandbox/stripe/payment_intents/:id/settle', async (request) => {
    const row = found(stripe.intents.get(idOf(request)), 'payment intent');
    const result = settle(stripe, row, bodyOf(request)['outcome'] === 'fails' ? 'fails' : 'succeeds');
    if (!result) throw new ControlError(409, 'the payment is not in processing');
    return { result };
  });

  app.post('/_sandbox/stripe/payment_intents/:id/dispute', async (request, reply) => {
    const row = found(stripe.intents.get(idOf(request)), 'payment intent');
    const charge = stripe.charges.get(String(row.intent.latest_charge));
    if (charge?.status !== 'succeeded' || charge.disputed) throw new ControlError(409, 'nothing to dispute');
    const { reason = 'fraudulent', amount = charge.amount } = bodyOf(request);
    const batch = new EventBatch();
    const dispute = openDispute(stripe, charge, { amount: Number(amount), reason: String(reason) }, batch);
    batch.publish(stripe);
    return reply.code(201).send(dispute);
  });

  app.post('/_sandbox/stripe/disputes/:id/close', async (request) => {
    const dispute = found(stripe.disputes.get(idOf(request)), 'dispute');
    const { status } = bodyOf(request);
    if (status !== 'won' && status !== 'lost') throw new ControlError(422, 'status is won or lost');
    if (!isOpen(dispute)) throw new ControlError(409, 'the dispute is closed');
    const batch = new EventBatch();
    closeDispute(stripe, dispute, status, batch);
    batch.publish(stripe);
    return dispute;
  });

  app.post('/_sandbox/stripe/payment_intents/:id/refund', async (request, reply) => {
    const row = found(stripe.intents.get(idOf(request)), 'payment intent');
    const charge = found(stripe.charges.get(String(row.intent.latest_charge)), 'charge');
    const { amount } = bodyOf(request);
    try {
      return await reply.code(201).send(createRefund(stripe, charge, typeof amount === 'number' ? { amount } : {}));
    } catch (error) {
      throw new ControlError(409, error instanceof Error ? error.message : String(error));
    }
  });

  app.post('/_sandbox/stripe/refunds/:id/:outcome', async (request) => {
    const row = found(stripe.refunds.get(idOf(request)), 'refund');
    const { outcome } = request.params as { outcome: string };
    if (row.refund.status === 'failed') throw new ControlError(409, 'the refund has failed already');
    if (outcome === 'fail') failRefund(stripe, row);
    else if (outcome === 'succeed' && row.refund.status === 'pending') succeedRefund(stripe, row);
    else throw new ControlError(409, 'fail any refund, succeed a pending one');
    return row.refund;
  });
}

function choiceOf(card: unknown, iban: unknown): Choice {
  if (typeof iban === 'string') {
    if (!Object.hasOwn(TEST_IBANS, iban)) throw new ControlError(422, 'not a test IBAN');
    return { by: 'sepa_debit', iban: iban as keyof typeof TEST_IBANS };
  }
  const known = findCard(String(card));
  if (!known) throw new ControlError(422, 'not a card number');
  return { by: 'card', card: known };
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new ControlError(404, `no such ${what}`);
  return value;
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}

function bodyOf(request: FastifyRequest): Body {
  return typeof request.body === 'object' && request.body !== null ? (request.body as Body) : {};
}
