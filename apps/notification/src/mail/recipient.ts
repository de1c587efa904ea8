import type { Contact } from '../contacts/contact.schema.js';
import type { SkipReason } from '../deliveries/delivery.js';
import type { Delivery } from '../deliveries/delivery.schema.js';

/** Why this user must not get this message as things stand now; undefined when they may. Asked again at each try. */
export function refusalOf(
  { class: kind, channel, to }: Pick<Delivery, 'class' | 'channel' | 'to'>,
  contact: Contact | undefined,
): SkipReason | undefined {
  if (contact?.deletedAt) return 'erased';
  if (contact?.blocked && kind !== 'security') return 'blocked';
  if (channel === 'inbox') return undefined;
  if (!to && !contact?.email) return 'no_address';
  if (kind === 'marketing' && !contact?.emailVerified) return 'unverified';
  return undefined;
}
