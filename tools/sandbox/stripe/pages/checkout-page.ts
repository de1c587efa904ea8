import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { formOf } from '../../core/http.ts';
import { type Language, languageOf, sendPage } from '../../core/page.ts';
import { findCard, TEST_IBANS } from '../cards.ts';
import { type Choice, expireIfDue, paySession } from '../checkout.ts';
import type { Payer } from '../objects/wire.ts';
import type { WebhookDispatcher } from '../webhooks.ts';
import type { SessionRow, StripeWorld } from '../world.ts';
import { checkoutMarkup, noticeMarkup } from './checkout-markup.ts';
import { goOn, successAddress } from './redirects.ts';
import { declineText, WORDS, type Words } from './words.ts';

/** `/c/pay/:id`: the payer's page of one Checkout Session. */
export function checkoutPage(app: FastifyInstance, world: StripeWorld, webhooks: WebhookDispatcher): void {
  app.get('/c/pay/:id', async (request, reply) => {
    const row = findSession(world, request);
    const language = languageOf(request, localeHint(row));
    if (!row || row.session.status !== 'open') return closed(reply, row, language);
    return sendPage(reply, checkoutMarkup(row, language));
  });

  app.post('/c/pay/:id', async (request, reply) => {
    const row = findSession(world, request);
    const language = languageOf(request, localeHint(row));
    if (!row || row.session.status !== 'open') return closed(reply, row, language);
    const form = formOf(request);
    if (form['action'] === 'cancel' && row.session.cancel_url) return reply.redirect(row.session.cancel_url, 303);
    const choice = choose(form, row, world.clock.now());
    if (typeof choice === 'string')
      return sendPage(reply, checkoutMarkup(row, language, WORDS[language][choice], form), 422);
    const payer: Payer = {
      email: form['email'] || row.session.customer_email,
      name: form['name'] || null,
      country: 'US',
    };
    const { result, eventIds } = webhooks.holdBack(() => paySession(world, row, choice, payer));
    if (result === null) return closed(reply, row, language);
    if (result.status === 'declined') {
      webhooks.deliverSoon(eventIds);
      return sendPage(
        reply,
        checkoutMarkup(row, language, declineText(language, result.decline.declineCode), form),
        402,
      );
    }
    if (result.status === 'requires_action') {
      webhooks.deliverSoon(eventIds);
      return reply.redirect(`/3ds/${String(row.session.payment_intent)}?lang=${language}`, 303);
    }
    return goOn(reply, row, eventIds, world, webhooks);
  });
}

function findSession(world: StripeWorld, request: FastifyRequest): SessionRow | undefined {
  const row = world.sessions.get((request.params as { id: string }).id);
  if (row) expireIfDue(world, row);
  return row;
}

function localeHint(row: SessionRow | undefined): string | null {
  return row?.session.locale?.slice(0, 2) ?? null;
}

function closed(reply: FastifyReply, row: SessionRow | undefined, language: Language): FastifyReply {
  const words = WORDS[language];
  if (!row) return sendPage(reply, noticeMarkup(language, words.title, words.unknown, null), 404);
  const paid = row.session.status === 'complete';
  const back = paid ? successAddress(row.session) : row.session.cancel_url;
  return sendPage(
    reply,
    noticeMarkup(language, words.title, paid ? words.closedPaid : words.closedExpired, back),
    paid ? 200 : 410,
  );
}

/** What was chosen, or the name of the complaint. */
function choose(form: Record<string, string>, row: SessionRow, now: number): Choice | keyof Words {
  const iban = form['iban'];
  if (form['email'] !== undefined && form['email'] !== '' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(form['email']))
    return 'badEmail';
  if (iban !== undefined) {
    if (!row.session.payment_method_types.includes('sepa_debit') || !isTestIban(iban)) return 'badIban';
    return { by: 'sepa_debit', iban };
  }
  const card = findCard(form['use'] ?? form['card_number'] ?? '');
  if (!card) return 'badNumber';
  if (form['use'] === undefined) {
    if (!isFuture(form['expiry'] ?? '', now)) return 'badExpiry';
    if (!/^\d{3,4}$/.test(form['cvc'] ?? '')) return 'badCvc';
  }
  return { by: 'card', card };
}

function isTestIban(iban: string): iban is keyof typeof TEST_IBANS {
  return Object.hasOwn(TEST_IBANS, iban);
}

function isFuture(expiry: string, now: number): boolean {
  const parts = /^\s*(0[1-9]|1[0-2])\s*\/\s*(\d{2})\s*$/.exec(expiry);
  return parts !== null && Date.UTC(2000 + Number(parts[2]), Number(parts[1])) > now;
}
