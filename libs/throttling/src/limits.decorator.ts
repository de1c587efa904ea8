import { createHash } from 'node:crypto';
import { applyDecorators, type ExecutionContext, SetMetadata } from '@nestjs/common';
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

/**
 * Limits a route; a kind that is not named is not counted. Too many requests answer 429 with Retry-After. Routes with one `name` are counted
 * together, as doors to one room are; every other route by itself.
 */
export function Limits(limits: Partial<Record<LimitKind, Limit>>, name?: string): MethodDecorator & ClassDecorator {
  const shared = name === undefined ? {} : { generateKey: keyOf(name) };
  const options = Object.entries(limits).map(([kind, { limit, seconds }]) => [
    kind,
    { limit, ttl: seconds * 1000, ...shared },
  ]);
  return applyDecorators(SetMetadata(LIMITED_BY, Object.keys(limits)), Throttle(Object.fromEntries(options)));
}

const keyOf =
  (name: string) =>
  (_: ExecutionContext, caller: string, kind: string): string =>
    createHash('sha256').update(`${name}|${kind}|${caller}`).digest('hex');
