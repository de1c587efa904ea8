import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { formOf, hang } from '../core/http.ts';
import type { GoogleWorld } from './world.ts';

const NO_TOKEN = {
  error: {
    code: 401,
    message:
      'Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
    status: 'UNAUTHENTICATED',
  },
};

/** Userinfo, certs, revocation and discovery. The token comes in the Authorization header; in the address it is refused. */
export function userinfoRoutes(app: FastifyInstance, world: GoogleWorld): void {
  for (const path of ['/oauth2/v3/userinfo', '/v1/userinfo']) {
    app.get(path, async (request, reply) => {
      const kinds = [
        'userinfo.unauthorized',
        'userinfo.error',
        'userinfo.not_json',
        'userinfo.missing_email',
        'userinfo.hang',
        'userinfo.slow',
      ];
      const fault = world.faults.take('google', kinds, path);
      if (fault?.kind === 'userinfo.hang') {
        hang(reply);
        return reply;
      }
      if (fault?.kind === 'userinfo.slow') await pause(fault.value ?? 10_000);
      if (fault?.kind === 'userinfo.error')
        return reply.code(fault.value ?? 503).send({ error: { code: fault.value ?? 503, status: 'UNAVAILABLE' } });
      if (fault?.kind === 'userinfo.not_json') return reply.type('application/json').send('{"sub":');
      const held = world.grants.token(bearer(request), 'access');
      const account = held && world.accounts.find(held.sub);
      if (!account || fault?.kind === 'userinfo.unauthorized') {
        return reply.code(401).header('www-authenticate', 'Bearer realm="https://accounts.google.com/"').send(NO_TOKEN);
      }
      const { note: _note, email, email_verified, ...profile } = account;
      if (fault?.kind === 'userinfo.missing_email') return profile;
      return { ...profile, email, email_verified, locale: 'en' };
    });
  }

  app.get('/oauth2/v3/certs', async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=3600').send(world.key.jwks()),
  );

  app.post('/revoke', async (request, reply) => {
    const token = formOf(request)['token'] ?? (request.query as Record<string, string>)['token'] ?? '';
    if (world.grants.revoke(token)) return reply.send({});
    return reply.code(400).send({ error: 'invalid_token', error_description: 'Token expired or revoked' });
  });

  app.get('/.well-known/openid-configuration', async () => discovery(world.issuer()));
}

function bearer(request: FastifyRequest): string {
  return /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

/** The keys of Google's published document, with this sandbox's addresses. */
function discovery(issuer: string): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/o/oauth2/v2/auth`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/v1/userinfo`,
    revocation_endpoint: `${issuer}/revoke`,
    jwks_uri: `${issuer}/oauth2/v3/certs`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'email', 'profile'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    claims_supported: [
      'aud',
      'email',
      'email_verified',
      'exp',
      'family_name',
      'given_name',
      'iat',
      'iss',
      'name',
      'picture',
      'sub',
    ],
    code_challenge_methods_supported: ['S256'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    authorization_response_iss_parameter_supported: true,
  };
}
