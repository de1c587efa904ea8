import { describe, expect, it } from 'vitest';
import type { Contact } from '../contacts/contact.schema.js';
import type { Preferences } from '../preferences/preferences.schema.js';
import { judge, type Standing } from './standing.js';

const NOW = new Date('2026-11-23T23:00:00Z');
const KNOWN = { _id: 'u', email: 'a@example.com', emailVerified: true, blocked: false };
const contact: Contact = KNOWN;
const WISHES: Pick<Preferences, keyof Preferences> = {
  _id: 'u',
  refused: ['marketing:email', 'product:email', 'billing:email', 'marketing:inbox'],
  quietHours: { from: '22:00', to: '08:00', timeZone: 'UTC' },
  log: [],
};
const preferences: Preferences = WISHES;
const standing = (over: Partial<Standing> = {}): Standing => ({
  contact,
  preferences: undefined,
  suppressed: false,
  lately: 0,
  ...over,
});
const mail = (kind: 'security' | 'billing' | 'product' | 'marketing') => ({ class: kind, channel: 'email' as const });

describe('security mail', () => {
  it('comes though the user refused everything, is blocked, suppressed and asleep', () => {
    const everything = standing({ preferences, suppressed: true, contact: { ...KNOWN, blocked: true } });
    expect(judge(mail('security'), everything, NOW)).toEqual({ say: 'yes' });
  });

  it('stops at a flood and at a forgotten user', () => {
    expect(judge(mail('security'), standing({ lately: 10 }), NOW)).toEqual({ say: 'no', reason: 'too_many' });
    expect(judge(mail('security'), standing({ contact: { _id: 'u', deletedAt: NOW } }), NOW)).toEqual({
      say: 'no',
      reason: 'erased',
    });
  });
});

describe('other mail', () => {
  it.each(['billing', 'product', 'marketing'] as const)('of class %s stops at the wish not to get it', (kind) => {
    expect(judge(mail(kind), standing({ preferences }), NOW)).toEqual({ say: 'no', reason: 'unsubscribed' });
  });

  it('waits for the end of quiet hours', () => {
    const asleep = standing({ preferences: { ...WISHES, refused: [] } });
    expect(judge(mail('billing'), asleep, NOW)).toEqual({ say: 'later', until: new Date('2026-11-24T08:00:00Z') });
    expect(judge({ class: 'billing', channel: 'inbox' }, asleep, NOW)).toEqual({ say: 'yes' });
  });

  it.each([
    ['a refused address', mail('billing'), { suppressed: true }, 'suppressed'],
    ['a blocked user', mail('billing'), { contact: { ...KNOWN, blocked: true } }, 'blocked'],
    ['a user without address', mail('billing'), { contact: undefined }, 'no_address'],
    [
      'marketing to an unproven address',
      mail('marketing'),
      { contact: { ...KNOWN, emailVerified: false } },
      'unverified',
    ],
    ['marketing beyond the daily cap', mail('marketing'), { lately: 10 }, 'too_many'],
    [
      'marketing beyond the user’s own cap',
      mail('marketing'),
      { lately: 1, preferences: { ...WISHES, refused: [], marketingPerDay: 1 } },
      'too_many',
    ],
  ])('stops at %s', (_, asked, over, reason) => {
    expect(judge(asked, standing(over), new Date('2026-11-23T12:00:00Z'))).toEqual({ say: 'no', reason });
  });

  it('goes on when a block has ended by itself', () => {
    const until = (blockedUntil: Date) => standing({ contact: { ...KNOWN, blocked: true, blockedUntil } });
    const noon = new Date('2026-11-23T12:00:00Z');
    expect(judge(mail('billing'), until(noon), noon)).toEqual({ say: 'yes' });
    expect(judge(mail('billing'), until(NOW), noon)).toEqual({ say: 'no', reason: 'blocked' });
  });

  it('for the inbox needs no address and keeps to the wishes', () => {
    const inbox = { class: 'marketing' as const, channel: 'inbox' as const };
    expect(judge(inbox, standing({ contact: { _id: 'u' } }), NOW)).toEqual({ say: 'yes' });
    expect(judge(inbox, standing({ preferences }), NOW)).toEqual({ say: 'no', reason: 'unsubscribed' });
  });
});
