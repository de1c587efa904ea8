import { applyDecorators, SetMetadata } from '@nestjs/common';
import { Throttle } from '@nestjs/throttler';

/** What requests are counted by: the caller's address (IPv6 by /64), the account named in the body, or both together; `service` by the
 *  service that asks with a key of its own, and nobody else. */
export const LIMIT_KINDS = ['ip', 'identifier', 'pair', 'service'] as const;

/** One of the ways to count. */
export type LimitKind = (typeof LIMIT_KINDS)[number];

/** So many requests in so many seconds. */
export interface Limit {
  limit: number;
  seconds: number;
}

/** Metadata key: which kinds of limit a route asks for. */
export const LIMITED_BY = 'throttling:kinds';

/** Limits a route; a kind that is not named is not counted. Too many requests answer 429 with Retry-After. */
export function Limits(limits: Partial<Record<LimitKind, Limit>>): MethodDecorator & ClassDecorator {
  const options = Object.entries(limits).map(([kind, { limit, seconds }]) => [kind, { limit, ttl: seconds * 1000 }]);
  return applyDecorators(SetMetadata(LIMITED_BY, Object.keys(limits)), Throttle(Object.fromEntries(options)));
}
