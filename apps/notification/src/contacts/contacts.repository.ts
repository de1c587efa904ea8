import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, PipelineStage, QueryFilter } from 'mongoose';
import { Contact } from './contact.schema.js';
import { planField } from './plan-field.js';

/** Facts about a contact that one event tells. */
export type ContactFacts = Partial<
  Pick<Contact, 'email' | 'locale' | 'emailVerified' | 'roles' | 'blocked' | 'blockedUntil' | 'registeredAt'>
>;

const PERSONAL_FIELDS = ['email', 'locale', 'roles', 'lastSeenAt', 'devices', 'currencies', 'plans'] as const;

/** The only place that reads and writes contacts. */
@Injectable()
export class ContactsRepository {
  constructor(@InjectModel(Contact.name) private readonly contacts: Model<Contact>) {}

  async find(userId: string): Promise<Contact | undefined> {
    return (await this.contacts.findById(userId).lean()) ?? undefined;
  }

  async findByEmail(email: string): Promise<Contact | undefined> {
    return (await this.contacts.findOne({ email: email.trim().toLowerCase() }).lean()) ?? undefined;
  }

  /** Contacts by user id; unknown ids are missing in the map. */
  async findMany(userIds: readonly string[]): Promise<Map<string, Contact>> {
    const found = await this.contacts.find({ _id: { $in: userIds } }).lean();
    return new Map(found.map((contact) => [contact._id, contact]));
  }

  /** Which of the users match. */
  async matching(userIds: readonly string[], filter: QueryFilter<Contact>): Promise<Set<string>> {
    const found = await this.contacts.find({ $and: [{ _id: { $in: userIds } }, filter] }, { _id: 1 }).lean();
    return new Set(found.map(({ _id }) => _id));
  }

  /** Up to `limit` contacts that match, in the order of their ids, after `afterId`. */
  page(filter: QueryFilter<Contact>, afterId: string, limit: number): Promise<Contact[]> {
    return this.contacts
      .find({ $and: [filter, { _id: { $gt: afterId } }] })
      .sort({ _id: 1 })
      .limit(limit)
      .lean();
  }

  /** The user of that id, or those whose address begins so, in the order of their addresses, after that one. */
  async search(term: string, afterId: string | undefined, limit: number): Promise<Contact[]> {
    const begin = term.toLowerCase();
    const meant = { $or: [{ _id: begin }, { email: { $gte: begin, $lt: `${begin}\u{10ffff}` } }] };
    const last = afterId === undefined ? undefined : await this.find(afterId);
    const [email, _id] = [last?.email ?? '', afterId ?? ''];
    return this.contacts
      .find({ $and: [meant, last ? { $or: [{ email: { $gt: email } }, { email, _id: { $gt: _id } }] } : {}] })
      .sort({ email: 1, _id: 1 })
      .limit(limit)
      .lean();
  }

  count(filter: QueryFilter<Contact>): Promise<number> {
    return this.contacts.countDocuments(filter);
  }

  /** Sets each fact unless a newer version of the user has set it already; order and repetition do not matter. */
  async apply(userId: string, version: number, facts: ContactFacts): Promise<void> {
    await this.update(userId, newerWins(Object.entries(facts), version));
  }

  /** Sets until when a user may use a product, unless a newer version has. */
  async applyPlan(userId: string, product: string, version: number, activeUntil: Date | null): Promise<void> {
    await this.update(userId, newerWins([[planField(product), { activeUntil }]], version));
  }

  /** The user was active on this kind of device. */
  async sawDevice(userId: string, deviceType: string, at: Date): Promise<void> {
    await this.update(userId, {
      lastSeenAt: unlessDeleted('$lastSeenAt', { $max: ['$lastSeenAt', at] }),
      devices: unlessDeleted('$devices', { $setUnion: [{ $ifNull: ['$devices', []] }, [deviceType]] }),
    });
  }

  async holdsCurrency(userId: string, currency: string): Promise<void> {
    await this.update(userId, {
      currencies: unlessDeleted('$currencies', { $setUnion: [{ $ifNull: ['$currencies', []] }, [currency]] }),
    });
  }

  /** Forgets the person and keeps the tombstone. */
  async forget(userId: string, at: Date): Promise<void> {
    await this.contacts.updateOne(
      { _id: userId },
      { $set: { deletedAt: at }, $unset: Object.fromEntries(PERSONAL_FIELDS.map((field) => [field, ''])) },
      { upsert: true },
    );
  }

  private async update(userId: string, set: Record<string, unknown>): Promise<void> {
    const pipeline: PipelineStage[] = [{ $set: set } as PipelineStage.Set];
    await this.contacts.collection.updateOne({ _id: userId as never }, pipeline as never, { upsert: true });
  }
}

function newerWins(facts: [field: string, value: unknown][], version: number): Record<string, unknown> {
  const entries = facts
    .filter(([, value]) => value !== undefined)
    .flatMap(([field, value]) => {
      const known = `versions.${field}`;
      const newer = { $gt: [version, { $ifNull: [`$${known}`, -1] }] };
      const set = unlessDeleted(`$${field}`, { $cond: [newer, { $literal: value }, `$${field}`] });
      return [
        [field, set],
        [known, { $max: [`$${known}`, version] }],
      ] as const;
    });
  return Object.fromEntries(entries);
}

function unlessDeleted(current: string, value: unknown): unknown {
  return { $cond: [{ $gt: ['$deletedAt', null] }, current, value] };
}
