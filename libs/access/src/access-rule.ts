import type { FastifyRequest } from 'fastify';
import type { Principal } from './principal.js';

/** Metadata key: the roles that may enter, or PUBLIC. */
export const ACCESS_RULE = 'access:rule';

/** The rule of a route that anybody may call. */
export const PUBLIC = 'public';

/** Metadata key: whether services may enter with a key of theirs. */
export const SERVICES_TOO = 'access:services';

/** Metadata key: whether a route is closed while nobody knows who was blocked lately. */
export const WEIGHTY = 'access:weighty';

/** The header a service shows its key in. */
export const SERVICE_KEY_HEADER = 'x-service-key';

/** A request after the guard let it pass; without a principal on public routes, and when a service (then by name) asks for itself. */
export type AuthenticatedRequest = FastifyRequest & { principal?: Principal; service?: string };
