import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { html } from 'ghtml';
import { formOf } from '../../core/http.ts';
import { type Language, languageOf, page, sendPage } from '../../core/page.ts';
import { display } from '../amounts.ts';
import { authenticate, settle } from '../checkout.ts';
import type { WebhookDispatcher } from '../webhooks.ts';
import type { IntentRow, StripeWorld } from '../world.ts';
import { checkoutMarkup, noticeMarkup } from './checkout-markup.ts';
import { goOn, successAddress } from './redirects.ts';
import { declineText, WORDS } from './words.ts';

/** `/3ds/:id` and `/async/:id`: the payer's bank, asked about one payment intent. `/receipts/:id`: what was paid. */
export function bankPages(app: FastifyInstance, world: StripeWorld, webhooks: WebhookDispatcher): void {
  app.get('/3ds/:id', async (request, reply) => ask(world, request, reply, 'authentication'));
  app.get('/async/:id', async (request, reply) => ask(world, request, reply, 'settlement'));

  app.post('/3ds/:id', async (request, reply) => {
    const language = languageOf(request);
    const row = find(world, request);
    const passed = formOf(request)['answer'] === 'yes';
    const { result, eventIds } = webhooks.holdBack(() => (row ? authenticate(world, row, passed) : null));
    const session = world.sessions.get(row?.sessionId ?? '');
    if (!row || !result || !session) {
      webhooks.deliverSoon(eventIds);
      return nothingToDo(reply, language, row, world);
    }
    if (result.status !== 'declined') return goOn(reply, session, eventIds, world, webhooks);
    webhooks.deliverSoon(eventIds);
    return sendPage(reply, checkoutMarkup(session, language, declineText(language, result.decline.declineCode)), 402);
  });

  app.post('/async/:id', async (request, reply) => {
    const language = languageOf(request);
    const row = find(world, request);
    const result = row ? settle(world, row, formOf(request)['answer'] === 'yes' ? 'succeeds' : 'fails') : null;
    if (!row || !result) return nothingToDo(reply, language, row, world);
    const session = world.sessions.get(row.sessionId ?? '');
    if (session) return reply.redirect(successAddress(session.session), 303);
    return nothingToDo(reply, language, row, world);
  });

  app.get('/receipts/:id', async (request, reply) => {
    const language = languageOf(request);
    const words = WORDS[language];
    const charge = world.charges.get((request.params as { id: string }).id);
    if (!charge?.paid) return sendPage(reply, noticeMarkup(language, words.receipt, words.unknown, null), 404);
    const refunded =
      charge.amount_refunded > 0
        ? html`<p>${words.refundedSum}: ${display(charge.amount_refunded, charge.currency)}</p>`
        : '';
    const body = html`<h1>${words.receipt}</h1>
      <p class="amount">${display(charge.amount, charge.currency)}</p>
      !${refunded}
      <p>${words.paidOn}: ${new Date(charge.created * 1000).toISOString().slice(0, 10)}</p>
      <p>${words.payment}: <code>${String(charge.payment_intent)}</code></p>`;
    return sendPage(reply, page(language, words.receipt, body, { en: '?lang=en', ru: '?lang=ru' }));
  });
}

function find(world: StripeWorld, request: FastifyRequest): IntentRow | undefined {
  return world.intents.get((request.params as { id: string }).id);
}

function ask(
  world: StripeWorld,
  request: FastifyRequest,
  reply: FastifyReply,
  waitsFor: 'authentication' | 'settlement',
): FastifyReply {
  const language = languageOf(request);
  const words = WORDS[language];
  const row = find(world, request);
  if (row?.waiting?.for !== waitsFor) return nothingToDo(reply, language, row, world);
  const bank = waitsFor === 'authentication';
  const title = bank ? words.bankTitle : words.debitTitle;
  const body = html`<h1>${title}</h1>
    <p>${bank ? words.bankText : words.debitText}</p>
    <p class="amount">${display(row.intent.amount, row.intent.currency)}</p>
    <form method="post" action="?lang=${language}">
      <div class="actions">
        <button class="main" name="answer" value="yes">${bank ? words.bankYes : words.settleYes}</button>
        <button name="answer" value="no">${bank ? words.bankNo : words.settleNo}</button>
      </div>
    </form>`;
  return sendPage(reply, page(language, title, body, { en: '?lang=en', ru: '?lang=ru' }));
}

function nothingToDo(
  reply: FastifyReply,
  language: Language,
  row: IntentRow | undefined,
  world: StripeWorld,
): FastifyReply {
  const session = world.sessions.get(row?.sessionId ?? '')?.session;
  const back = session ? (session.status === 'complete' ? successAddress(session) : session.url) : null;
  return sendPage(
    reply,
    noticeMarkup(language, WORDS[language].title, WORDS[language].notWaiting, back),
    row ? 409 : 404,
  );
}
