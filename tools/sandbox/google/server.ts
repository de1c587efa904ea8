import type { FastifyInstance } from 'fastify';
import { authorizeRoutes } from './authorize.ts';
import { tokenRoutes } from './token.ts';
import { userinfoRoutes } from './userinfo.ts';
import type { GoogleWorld } from './world.ts';

/** Ways this double can misbehave; `value` is the size named in brackets. */
export const GOOGLE_FAULTS = {
  'authorize.forged_state': 'comes back with another state',
  'authorize.mixed_up_iss': 'comes back with the iss of another provider',
  'token.error': 'an error instead of tokens [status, 500]',
  'token.hang': 'no answer',
  'token.slow': 'answers late [ms, 10000]',
  'token.reset': 'connection reset',
  'token.huge': 'a body of 5 MB',
  'token.redirect': '307 to elsewhere',
  'token.not_json': 'a body that is not JSON',
  'token.code_reusable': 'takes a code a second time',
  'id_token.nonce': 'an old nonce',
  'id_token.audience': 'made for another client',
  'id_token.issuer': 'made by another issuer',
  'id_token.expired': 'expired an hour ago',
  'id_token.clock_skew': 'issued in the future [seconds, 600]',
  'id_token.alg_none': 'unsigned, alg none',
  'id_token.bad_signature': 'a signature that does not fit',
  'userinfo.unauthorized': '401',
  'userinfo.error': 'an error [status, 503]',
  'userinfo.not_json': 'a body cut off in the middle',
  'userinfo.missing_email': 'a profile without e-mail',
  'userinfo.hang': 'no answer',
  'userinfo.slow': 'answers late [ms, 10000]',
} as const;

/** Sign-in pages, tokens and profiles on one port. */
export function googleRoutes(app: FastifyInstance, world: GoogleWorld): void {
  authorizeRoutes(app, world);
  tokenRoutes(app, world);
  userinfoRoutes(app, world);
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: { code: 404, message: 'Not Found', status: 'NOT_FOUND' } }),
  );
}
