import type { FastifyInstance, FastifyReply } from 'fastify';
import { formOf } from '../core/http.ts';
import { languageOf, sendPage } from '../core/page.ts';
import type { GoogleAccount } from './accounts.ts';
import type { Interaction } from './grants.ts';
import { chooserMarkup, consentMarkup, errorMarkup } from './markup.ts';
import type { GoogleWorld } from './world.ts';

type Query = Record<string, string | undefined>;

/** Google shows these two on its own page: nothing may be sent to an address it does not know. */
class PageError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** `/o/oauth2/v2/auth`: checks the request, then asks who it is and whether they agree. */
export function authorizeRoutes(app: FastifyInstance, world: GoogleWorld): void {
  app.get('/o/oauth2/v2/auth', async (request, reply) => {
    const query = request.query as Query;
    const language = languageOf(request, query['hl']);
    let redirectUri: string;
    try {
      redirectUri = checkClient(world, query);
    } catch (error) {
      if (!(error instanceof PageError)) throw error;
      return sendPage(reply, errorMarkup(language, error.code, error.message), error.status);
    }
    const problem = problemOf(query);
    if (problem) return sendBack(world, reply, { redirectUri, state: query['state'] ?? null }, problem);
    const interaction = world.grants.start({
      clientId: world.settings.clientId,
      redirectUri,
      scope: (query['scope'] ?? '').split(' '),
      state: query['state'] ?? null,
      nonce: query['nonce'] ?? null,
      challenge: query['code_challenge'] ?? '',
      prompt: (query['prompt'] ?? '').split(' ').filter((word) => word !== ''),
      offline: query['access_type'] === 'offline',
    });
    if (interaction.prompt.includes('none'))
      return sendBack(world, reply, interaction, { error: 'interaction_required' });
    const hinted = query['login_hint'] ? world.accounts.hinted(query['login_hint']) : undefined;
    if (hinted && !interaction.prompt.includes('select_account'))
      return chosen(world, reply, interaction, hinted, language);
    return sendPage(reply, chooserMarkup(language, interaction, world.accounts.list(), world.settings.clientId));
  });

  app.post('/signin', async (request, reply) => {
    const form = formOf(request);
    const language = languageOf(request);
    const interaction = world.grants.interaction(form['interaction'] ?? '');
    if (!interaction)
      return sendPage(reply, errorMarkup(language, 'invalid_request', 'This sign-in has expired.'), 400);
    if (form['cancel'] !== undefined) return cancel(world, reply, interaction);
    const email = (form['email'] ?? '').trim();
    if (form['account'] === undefined && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) {
      return sendPage(
        reply,
        chooserMarkup(language, interaction, world.accounts.list(), interaction.clientId, true),
        422,
      );
    }
    const account =
      form['account'] === undefined
        ? world.accounts.forEmail(email, form['name'] ?? '')
        : world.accounts.find(form['account']);
    if (!account) return sendPage(reply, errorMarkup(language, 'invalid_request', 'There is no such account.'), 400);
    return chosen(world, reply, interaction, account, language);
  });

  app.post('/consent', async (request, reply) => {
    const form = formOf(request);
    const interaction = world.grants.interaction(form['interaction'] ?? '');
    if (!interaction?.sub) {
      return sendPage(reply, errorMarkup(languageOf(request), 'invalid_request', 'This sign-in has expired.'), 400);
    }
    if (form['consent'] !== 'allow') return cancel(world, reply, interaction);
    return grant(world, reply, interaction, interaction.sub);
  });
}

function checkClient(world: GoogleWorld, query: Query): string {
  const { client_id: clientId, redirect_uri: redirectUri } = query;
  if (clientId === undefined) throw new PageError(400, 'invalid_request', 'Missing required parameter: client_id');
  if (clientId !== world.settings.clientId)
    throw new PageError(401, 'invalid_client', 'The OAuth client was not found.');
  if (redirectUri === undefined)
    throw new PageError(400, 'invalid_request', 'Missing required parameter: redirect_uri');
  if (!world.settings.redirectUris.includes(redirectUri)) {
    throw new PageError(
      400,
      'redirect_uri_mismatch',
      `The redirect URI in the request, ${redirectUri}, does not match the ones authorized for the OAuth client.`,
    );
  }
  return redirectUri;
}

/** What is wrong with the request, told to the client through the redirect. */
function problemOf(query: Query): Record<string, string> | undefined {
  const wrong = (error: string, error_description: string): Record<string, string> => ({ error, error_description });
  if (query['response_type'] !== 'code')
    return wrong('unsupported_response_type', 'Only response_type=code is served here.');
  if (!(query['scope'] ?? '').split(' ').includes('openid') && !/\b(profile|email)\b/.test(query['scope'] ?? '')) {
    return wrong('invalid_scope', 'The scope must name openid, profile or email.');
  }
  if (!query['code_challenge']) return wrong('invalid_request', 'Code challenge required.');
  if (query['code_challenge_method'] !== 'S256')
    return wrong('invalid_request', 'The code challenge method must be S256.');
  if (!/^[A-Za-z0-9_-]{43}$/.test(query['code_challenge']))
    return wrong('invalid_request', 'Malformed code challenge.');
  return undefined;
}

function chosen(
  world: GoogleWorld,
  reply: FastifyReply,
  interaction: Interaction,
  account: GoogleAccount,
  language: 'en' | 'ru',
): FastifyReply {
  interaction.sub = account.sub;
  const known = world.grants.consented(account.sub, interaction.clientId);
  if (known && !interaction.prompt.includes('consent')) return grant(world, reply, interaction, account.sub);
  return sendPage(reply, consentMarkup(language, interaction, account));
}

function grant(world: GoogleWorld, reply: FastifyReply, interaction: Interaction, sub: string): FastifyReply {
  world.grants.end(interaction);
  const code = world.grants.issueCode(interaction, sub);
  return sendBack(world, reply, interaction, {
    code,
    scope: interaction.scope.join(' '),
    authuser: '0',
    prompt: 'consent',
  });
}

function cancel(world: GoogleWorld, reply: FastifyReply, interaction: Interaction): FastifyReply {
  world.grants.end(interaction);
  return sendBack(world, reply, interaction, { error: 'access_denied' });
}

function sendBack(
  world: GoogleWorld,
  reply: FastifyReply,
  to: { redirectUri: string; state: string | null },
  parameters: Record<string, string>,
): FastifyReply {
  const target = new URL(to.redirectUri);
  const state = world.faults.take('google', ['authorize.forged_state'], to.redirectUri) ? 'forged' : to.state;
  if (state !== null) target.searchParams.set('state', state);
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
  const wrongIssuer = world.faults.take('google', ['authorize.mixed_up_iss'], to.redirectUri);
  target.searchParams.set('iss', wrongIssuer ? 'https://other.example' : world.issuer());
  return reply.redirect(target.toString(), 303);
}
