import { createHash, timingSafeEqual } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { formOf, hang, reset } from '../core/http.ts';
import type { GoogleAccount } from './accounts.ts';
import { type Code, challengeOf } from './grants.ts';
import type { GoogleWorld } from './world.ts';

/** An error as RFC 6749 section 5.2 shapes it. */
class OAuthError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, description: string) {
    super(description);
    this.status = status;
    this.code = code;
  }
}

/** `/oauth2/v4/token` and `/token`: codes and refresh tokens for tokens. */
export function tokenRoutes(app: FastifyInstance, world: GoogleWorld): void {
  for (const path of ['/oauth2/v4/token', '/token']) {
    app.post(path, async (request, reply) => {
      const fault = world.faults.take(
        'google',
        ['token.error', 'token.hang', 'token.slow', 'token.reset', 'token.huge', 'token.redirect', 'token.not_json'],
        path,
      );
      if (fault) {
        if (fault.kind === 'token.slow') await pause(fault.value ?? 10_000);
        else return misbehave(request, reply, fault.kind, fault.value);
      }
      try {
        return await reply.header('cache-control', 'no-store').send(exchange(world, request));
      } catch (error) {
        if (!(error instanceof OAuthError)) throw error;
        return reply.code(error.status).send({ error: error.code, error_description: error.message });
      }
    });
  }
}

function misbehave(request: FastifyRequest, reply: FastifyReply, kind: string, value: number | null): FastifyReply {
  switch (kind) {
    case 'token.hang':
      hang(reply);
      return reply;
    case 'token.reset':
      reset(request, reply);
      return reply;
    case 'token.huge':
      return reply.type('application/json').send(`{"access_token":"${'x'.repeat(5 * 1024 * 1024)}"}`);
    case 'token.redirect':
      return reply.redirect('/oauth2/v4/elsewhere', 307);
    case 'token.not_json':
      return reply.type('application/json').send('<html>');
    default:
      return reply.code(value ?? 500).send({ error: 'internal_failure', error_description: 'Backend Error' });
  }
}

function exchange(world: GoogleWorld, request: FastifyRequest): object {
  const form = formOf(request);
  authenticateClient(world, request, form);
  if (form['grant_type'] === 'refresh_token') return refresh(world, form);
  if (form['grant_type'] !== 'authorization_code') {
    throw new OAuthError(400, 'unsupported_grant_type', `Invalid grant_type: ${form['grant_type'] ?? ''}`);
  }
  const code = form['code'] ?? '';
  const reusable = world.faults.take('google', ['token.code_reusable'], '/token') !== undefined;
  const grant = world.grants.redeem(code, reusable);
  if (!grant) throw new OAuthError(400, 'invalid_grant', 'Malformed auth code.');
  const { interaction } = grant;
  if (form['redirect_uri'] !== interaction.redirectUri)
    throw new OAuthError(400, 'redirect_uri_mismatch', 'Bad Request');
  if (!form['code_verifier']) throw new OAuthError(400, 'invalid_grant', 'Missing code verifier.');
  if (challengeOf(form['code_verifier']) !== interaction.challenge)
    throw new OAuthError(400, 'invalid_grant', 'Invalid code verifier.');
  return tokens(world, code, grant);
}

function tokens(world: GoogleWorld, code: string, grant: Code): object {
  const { interaction, sub } = grant;
  const account = world.accounts.find(sub);
  if (!account) throw new OAuthError(400, 'invalid_grant', 'Account has been deleted');
  const granted = { sub, scope: interaction.scope, clientId: interaction.clientId };
  const access = world.grants.issueToken('access', code, granted);
  return {
    access_token: access.token,
    expires_in: access.expiresIn,
    ...(interaction.offline && { refresh_token: world.grants.issueToken('refresh', code, granted).token }),
    scope: interaction.scope.join(' '),
    token_type: 'Bearer',
    ...(interaction.scope.includes('openid') && { id_token: idToken(world, account, access.token, interaction.nonce) }),
  };
}

function refresh(world: GoogleWorld, form: Record<string, string>): object {
  const held = world.grants.token(form['refresh_token'] ?? '', 'refresh');
  const account = held && world.accounts.find(held.sub);
  if (!account) throw new OAuthError(400, 'invalid_grant', 'Token has been expired or revoked.');
  const access = world.grants.issueToken('access', held.code, held);
  return {
    access_token: access.token,
    expires_in: access.expiresIn,
    scope: held.scope.join(' '),
    token_type: 'Bearer',
  };
}

function idToken(world: GoogleWorld, account: GoogleAccount, accessToken: string, nonce: string | null): string {
  const now = world.clock.seconds();
  const kinds = [
    'id_token.nonce',
    'id_token.audience',
    'id_token.issuer',
    'id_token.expired',
    'id_token.clock_skew',
    'id_token.alg_none',
    'id_token.bad_signature',
  ];
  const fault = world.faults.take('google', kinds, account.email);
  const skew =
    fault?.kind === 'id_token.clock_skew' ? (fault.value ?? 600) : fault?.kind === 'id_token.expired' ? -7200 : 0;
  const { sub, email, email_verified, name, picture, given_name, family_name, hd } = account;
  const claims = {
    iss: fault?.kind === 'id_token.issuer' ? 'https://other.example' : world.issuer(),
    azp: world.settings.clientId,
    aud: fault?.kind === 'id_token.audience' ? 'another-client' : world.settings.clientId,
    sub,
    ...(hd && { hd }),
    email,
    email_verified,
    at_hash: createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url'),
    ...(nonce !== null && { nonce: fault?.kind === 'id_token.nonce' ? 'an-old-nonce' : nonce }),
    name,
    ...(picture && { picture }),
    given_name,
    family_name,
    iat: now + skew,
    exp: now + skew + 3600,
  };
  if (fault?.kind === 'id_token.alg_none') return world.key.token(claims, 'alg_none');
  return world.key.token(claims, fault?.kind === 'id_token.bad_signature' ? 'bad_signature' : undefined);
}

/** The secret comes in the form or as Basic authentication (RFC 6749 section 2.3.1). */
function authenticateClient(world: GoogleWorld, request: FastifyRequest, form: Record<string, string>): void {
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const [id = '', secret = ''] = basic
    ? Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent)
    : [form['client_id'] ?? '', form['client_secret'] ?? ''];
  if (id !== world.settings.clientId) throw new OAuthError(401, 'invalid_client', 'The OAuth client was not found.');
  if (!same(secret, world.settings.clientSecret)) throw new OAuthError(401, 'invalid_client', 'Unauthorized');
}

function same(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
