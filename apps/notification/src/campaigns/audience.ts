import type { QueryFilter } from 'mongoose';
import type { Contact } from '../contacts/contact.schema.js';
import type { Audience } from './campaign.schema.js';

/** The contacts an audience means at the moment of the start; who comes later is not in it. */
export function audienceFilter(_audience: Audience, startedAt: Date): QueryFilter<Contact> {
  return { deletedAt: { $exists: false }, blocked: false, registeredAt: { $lte: startedAt } };
}
