import type { QueryFilter } from 'mongoose';
import type { Contact } from './contact.schema.js';

/** Whether a user is kept out at that moment: nobody tells us when a block ends by itself. */
export function isBlocked({ blocked, blockedUntil }: Contact, now: Date): boolean {
  return blocked === true && !(blockedUntil && blockedUntil <= now);
}

/** The contacts that are not blocked at that moment. */
export function notBlocked(now: Date): QueryFilter<Contact> {
  return { $or: [{ blocked: false }, { blockedUntil: { $lte: now } }] };
}
