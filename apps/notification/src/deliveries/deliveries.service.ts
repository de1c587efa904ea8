import { Injectable } from '@nestjs/common';
import type { QueryFilter } from 'mongoose';
import { DomainError } from '#libs/errors';
import { AuditRepository } from '../audit/audit.repository.js';
import { ContactsRepository } from '../contacts/contacts.repository.js';
import { cursorAfter, idOf } from '../lists/cursor.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import type { DeliveryDto, DeliveryListDto, DeliveryQueryDto } from './delivery.dto.js';
import { kindOf, TEMPLATES, type TemplateKey } from '../templates/template.js';
import type { Delivery } from './delivery.schema.js';

/** Messages that carry a secret link. */
const WITH_LINK = (Object.keys(TEMPLATES) as TemplateKey[]).filter((key) =>
  Object.values(kindOf(key).variables).includes('sealedLink'),
);

/** What administrators see of deliveries, and what they can do about those that failed. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly contacts: ContactsRepository,
    private readonly audit: AuditRepository,
  ) {}

  /** Newest first. Who asks for a user's is on record. */
  async list(adminId: string, { limit, cursor, state, user }: DeliveryQueryDto): Promise<DeliveryListDto> {
    const filter: QueryFilter<Delivery> = {};
    if (state) filter.state = state;
    if (user)
      filter.userId = user.includes('@') ? ((await this.contacts.findByEmail(user))?._id ?? '') : user.toLowerCase();
    if (filter.userId) await this.audit.viewed(adminId, 'user.deliveries_viewed', [filter.userId as string]);
    const found = await this.deliveries.newestOf(filter, idOf(cursor), limit + 1);
    const page = found.slice(0, limit);
    const contacts = await this.contacts.findMany(page.map(({ userId }) => userId));
    const items = page.map((delivery) =>
      deliveryDto(delivery, delivery.to?.email ?? contacts.get(delivery.userId)?.email),
    );
    return { items, nextCursor: found.length > limit ? cursorAfter(page.at(-1)!._id) : null };
  }

  /**
   * Gives a failed delivery its tries back. A mail whose link is gone cannot be sent again: its user asks for a new one.
   * What failed in a campaign is sent again by the campaign.
   */
  async retry(adminId: string, id: string): Promise<void> {
    const failed = { _id: id, template: { $exists: true, $nin: WITH_LINK } };
    if ((await this.deliveries.reviveFailed(failed as QueryFilter<Delivery>)) === 0) {
      throw new DomainError(
        'delivery.not_failed',
        'conflict',
        'There is no such failed delivery that can be sent again.',
      );
    }
    await this.audit.record(adminId, 'delivery.retried', id);
  }
}

/** A delivery as administrators see it, without what it says. */
export function deliveryDto(delivery: Delivery, address: string | undefined): DeliveryDto {
  const { _id, userId, channel, class: kind, template, campaignId, state, attempts, reason, response } = delivery;
  return {
    id: _id,
    userId,
    address: address ?? null,
    channel,
    class: kind,
    template: template ?? null,
    campaignId: campaignId ?? null,
    state,
    attempts,
    reason: reason ?? null,
    response: response ?? null,
    createdAt: delivery.createdAt.toISOString(),
    finishedAt: delivery.finishedAt?.toISOString() ?? null,
  };
}
