import { isBlocked } from '../contacts/blocked.js';
import type { Contact } from '../contacts/contact.schema.js';
import type { SkipReason } from '../deliveries/delivery.js';
import type { Delivery } from '../deliveries/delivery.schema.js';
import type { Preferences } from '../preferences/preferences.schema.js';
import { MOST_MARKETING_PER_DAY } from '../preferences/caps.js';
import { quietUntil } from '../preferences/quiet-hours.js';

/** How a user stands towards one message. */
export interface Standing {
  contact: Contact | undefined;
  preferences: Preferences | undefined;
  /** A mail server has refused the address for good. */
  suppressed: boolean;
  /** Mails of the same class the user got before this one within the class's window. */
  lately: number;
}

/** May it go? */
export type Verdict = { say: 'yes' } | { say: 'no'; reason: SkipReason } | { say: 'later'; until: Date };

/** Security mails to one user in ten minutes: somebody who asks for a thousand links does not fill a mailbox. */
export const MOST_SECURITY_MAILS = 10;

/** What is asked about. */
type Asked = Pick<Delivery, 'class' | 'channel' | 'to'>;

/** Decides for one delivery. Security messages stop only at a forgotten user, a missing address and a flood. */
export function judge(asked: Asked, standing: Standing, now: Date): Verdict {
  const reason = refusal(asked, standing, now);
  if (reason) return { say: 'no', reason };
  if (asked.class === 'security' || asked.channel !== 'email') return { say: 'yes' };
  const until = quietUntil(standing.preferences?.quietHours, now);
  return until ? { say: 'later', until } : { say: 'yes' };
}

function refusal(asked: Asked, standing: Standing, now: Date): SkipReason | undefined {
  const { contact, preferences, suppressed, lately } = standing;
  if (contact?.deletedAt) return 'erased';
  if (asked.channel === 'email' && !asked.to && !contact?.email) return 'no_address';
  if (asked.class === 'security')
    return asked.channel === 'email' && lately >= MOST_SECURITY_MAILS ? 'too_many' : undefined;
  if (contact && isBlocked(contact, now)) return 'blocked';
  // A webhook brings further what the inbox gets, and is refused with it.
  const choice = asked.channel === 'email' ? 'email' : 'inbox';
  if (preferences?.refused.includes(`${asked.class}:${choice}`)) return 'unsubscribed';
  if (asked.channel !== 'email') return undefined;
  if (suppressed) return 'suppressed';
  if (asked.class !== 'marketing') return undefined;
  if (!contact?.emailVerified) return 'unverified';
  return lately >= (preferences?.marketingPerDay ?? MOST_MARKETING_PER_DAY) ? 'too_many' : undefined;
}
