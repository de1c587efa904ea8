import type { FastifyRequest } from 'fastify';
import type { Principal } from './principal.js';

/** Metadata key: the roles that may enter, or PUBLIC. */
export const ACCESS_RULE = 'access:rule';

/** The rule of a route that anybody may call. */
export const PUBLIC = 'public';

/** A request after the guard let it pass; without a principal on public routes. */
export type AuthenticatedRequest = FastifyRequest & { principal?: Principal };
