import type { QueryFilter } from 'mongoose';
import { notBlocked } from '../contacts/blocked.js';
import type { Contact } from '../contacts/contact.schema.js';
import { planField } from '../contacts/plan-field.js';

/** Contacts that meet every condition given. */
export interface Segment {
  type: 'segment';
  roles?: string[] | undefined;
  locales?: string[] | undefined;
  /** Kinds of device the user has signed in from. */
  devices?: string[] | undefined;
  currencies?: string[] | undefined;
  /** A product and how the user stands towards it. */
  plan?: { product: string; state: 'active' | 'ended' | 'ending' | 'never'; days?: number | undefined } | undefined;
  /** Not seen for at least so many days. */
  unseenDays?: number | undefined;
}

/** Contacts with these addresses; addresses nobody has are left out. */
export interface AddressList {
  type: 'list';
  addresses: string[];
}

/** Who gets a campaign. */
export type Audience = { type: 'all' } | Segment | AddressList;

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_ENDING_DAYS = 7;

/**
 * The contacts an audience means at the moment of the start; who registers later is not in it. Users who are blocked or
 * forgotten never are.
 */
export function audienceFilter(audience: Audience, startedAt: Date): QueryFilter<Contact> {
  const everybody = { deletedAt: { $exists: false }, registeredAt: { $lte: startedAt }, ...notBlocked(startedAt) };
  if (audience.type === 'all') return everybody;
  if (audience.type === 'list') return { $and: [everybody, { email: { $in: audience.addresses } }] };
  return { $and: [everybody, ...segmentConditions(audience, startedAt)] };
}

function segmentConditions(segment: Segment, now: Date): QueryFilter<Contact>[] {
  const { roles, locales, devices, currencies, plan, unseenDays } = segment;
  return [
    roles && { roles: { $in: roles } },
    locales && { locale: { $in: locales } },
    devices && { devices: { $in: devices } },
    currencies && { currencies: { $in: currencies } },
    plan && planCondition(plan, now),
    unseenDays !== undefined && {
      $or: [
        { lastSeenAt: { $lte: new Date(now.getTime() - unseenDays * DAY_MS) } },
        { lastSeenAt: { $exists: false }, registeredAt: { $lte: new Date(now.getTime() - unseenDays * DAY_MS) } },
      ],
    },
  ].filter((condition) => condition !== undefined && condition !== false);
}

function planCondition({ product, state, days }: NonNullable<Segment['plan']>, now: Date): QueryFilter<Contact> {
  const field = planField(product);
  const until = `${field}.activeUntil`;
  switch (state) {
    case 'active':
      return { [until]: { $gt: now } };
    case 'ending':
      return { [until]: { $gt: now, $lte: new Date(now.getTime() + (days ?? DEFAULT_ENDING_DAYS) * DAY_MS) } };
    case 'ended':
      return { [field]: { $exists: true }, $or: [{ [until]: null }, { [until]: { $lte: now } }] };
    case 'never':
      return { [field]: { $exists: false } };
  }
}
