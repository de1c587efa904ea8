import { Injectable } from '@nestjs/common';
import { ContactsRepository } from '../contacts/contacts.repository.js';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import type { Delivery } from '../deliveries/delivery.schema.js';
import { PreferencesRepository } from '../preferences/preferences.repository.js';
import { SuppressionsRepository } from '../suppressions/suppressions.repository.js';
import type { Standing } from './standing.js';

const MINUTE_MS = 60_000;

/** How far back mails of a class count against its cap; classes without a cap are not counted. */
const WINDOWS_MS: Partial<Record<Delivery['class'], number>> = {
  security: 10 * MINUTE_MS,
  marketing: 24 * 60 * MINUTE_MS,
};

/** Looks up how users stand, for one delivery or a whole batch with one query each. */
@Injectable()
export class RecipientsService {
  constructor(
    private readonly contacts: ContactsRepository,
    private readonly preferences: PreferencesRepository,
    private readonly suppressions: SuppressionsRepository,
    private readonly deliveries: DeliveriesRepository,
  ) {}

  async standingOf(delivery: Delivery): Promise<Standing> {
    return (await this.standings([delivery])).get(delivery._id)!;
  }

  /** By delivery id. All deliveries are of one class. */
  async standings(deliveries: Delivery[]): Promise<Map<string, Standing>> {
    const userIds = [...new Set(deliveries.map(({ userId }) => userId))];
    const [contacts, preferences, lately] = await Promise.all([
      this.contacts.findMany(userIds),
      this.preferences.findMany(userIds),
      this.countLately(deliveries, userIds),
    ]);
    const addressOf = ({ to, userId }: Delivery): string => to?.email ?? contacts.get(userId)?.email ?? '';
    const suppressed = await this.suppressions.among(deliveries.map(addressOf));
    const standings = deliveries.map((delivery): [string, Standing] => [
      delivery._id,
      {
        contact: contacts.get(delivery.userId),
        preferences: preferences.get(delivery.userId),
        suppressed: suppressed.has(addressOf(delivery)),
        lately: lately.get(delivery.userId) ?? 0,
      },
    ]);
    return new Map(standings);
  }

  private async countLately(deliveries: Delivery[], userIds: string[]): Promise<Map<string, number>> {
    const [first] = deliveries;
    const windowMs = first && WINDOWS_MS[first.class];
    if (!windowMs) return new Map();
    const since = new Date(Date.now() - windowMs);
    return this.deliveries.countMailsBefore(userIds, first.class, since, deliveries);
  }
}
