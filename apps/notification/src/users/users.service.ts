import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { AuditRepository } from '../audit/audit.repository.js';
import { isBlocked } from '../contacts/blocked.js';
import type { Contact } from '../contacts/contact.schema.js';
import { ContactsRepository } from '../contacts/contacts.repository.js';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import { deliveryDto } from '../deliveries/deliveries.service.js';
import type { Delivery } from '../deliveries/delivery.schema.js';
import { InboxRepository } from '../inbox/inbox.repository.js';
import type { Notification } from '../inbox/notification.schema.js';
import { cursorAfter, idOf } from '../lists/cursor.js';
import type { ListQueryDto } from '../lists/list.dto.js';
import type { UserDto, UserListDto, UserMessageDto, UserMessageListDto, UserQueryDto } from './user.dto.js';

/** Users and their messages, for administrators. */
@Injectable()
export class UsersService {
  constructor(
    private readonly contacts: ContactsRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly inbox: InboxRepository,
    private readonly audit: AuditRepository,
  ) {}

  /** In the order of their addresses. Whom one was shown is on record. */
  async list(adminId: string, { search, limit, cursor }: UserQueryDto): Promise<UserListDto> {
    const afterId = idOf(cursor);
    const found = await this.contacts.search(search.trim(), afterId, limit + 1);
    const items = found.slice(0, limit).map(userDto);
    await this.audit.viewed(
      adminId,
      'user.viewed',
      items.map(({ id }) => id),
    );
    return { items, nextCursor: found.length > limit ? cursorAfter(items.at(-1)!.id) : null };
  }

  /** A forgotten user is still there, without what was personal. Who looked is on record. */
  async get(adminId: string, userId: string): Promise<UserDto> {
    const user = await this.known(userId);
    await this.audit.viewed(adminId, 'user.viewed', [userId]);
    return user;
  }

  /** Newest first. Who looked is on record. */
  async messages(adminId: string, userId: string, { limit, cursor }: ListQueryDto): Promise<UserMessageListDto> {
    const beforeId = idOf(cursor);
    const { address } = await this.known(userId);
    await this.audit.record(adminId, 'user.messages_viewed', userId);
    const found = await this.deliveries.messagesOf(userId, beforeId, limit + 1);
    const page = found.slice(0, limit);
    const keys = page.map(({ messageKey }) => messageKey);
    const [deliveries, notifications] = await Promise.all([
      this.deliveries.ofMessages(userId, keys),
      this.inbox.ofMessages(userId, keys),
    ]);
    const items = page.map(({ messageKey }) => {
      const sent = deliveries.filter((delivery) => delivery.messageKey === messageKey);
      return messageDto(
        sent,
        notifications.find((notification) => notification.messageKey === messageKey),
        address,
      );
    });
    return { items, nextCursor: found.length > limit ? cursorAfter(page.at(-1)!.lastId) : null };
  }

  private async known(userId: string): Promise<UserDto> {
    const contact = await this.contacts.find(userId);
    if (!contact) throw new DomainError('user.not_found', 'not_found', 'There is no such user here.');
    return userDto(contact);
  }
}

function userDto(contact: Contact): UserDto {
  const { _id, email, locale, roles, emailVerified, registeredAt, lastSeenAt, deletedAt } = contact;
  return {
    id: _id,
    address: email ?? null,
    locale: locale ?? null,
    roles: roles ?? [],
    verified: emailVerified ?? false,
    blocked: isBlocked(contact, new Date()),
    registeredAt: registeredAt?.toISOString() ?? null,
    lastSeenAt: lastSeenAt?.toISOString() ?? null,
    deletedAt: deletedAt?.toISOString() ?? null,
  };
}

/** `deliveries` are those of one message, newest first. */
function messageDto(deliveries: Delivery[], inInbox: Notification | undefined, address: string | null): UserMessageDto {
  const [newest] = deliveries;
  const { _id, class: kind, template, campaignId } = newest!;
  return {
    id: _id,
    title: inInbox?.title ?? null,
    readAt: inInbox?.readAt?.toISOString() ?? null,
    class: kind,
    template: template ?? null,
    campaignId: campaignId ?? null,
    createdAt: deliveries.at(-1)!.createdAt.toISOString(),
    deliveries: deliveries.map((delivery) => deliveryDto(delivery, delivery.to?.email ?? address ?? undefined)),
  };
}
