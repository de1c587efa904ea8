import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PersonalData } from '../contacts/personal-data.js';
import { cursorAfter, idOf } from '../lists/cursor.js';
import { NotificationNotFoundError } from './inbox.errors.js';
import { InboxRepository } from './inbox.repository.js';
import type { InboxQueryDto, NotificationDto, NotificationListDto } from './notification.dto.js';
import type { Notification } from './notification.schema.js';

/** What a user does with the inbox; always their own. */
@Injectable()
export class InboxService implements OnModuleInit {
  constructor(
    private readonly inbox: InboxRepository,
    private readonly personalData: PersonalData,
  ) {}

  onModuleInit(): void {
    this.personalData.add({ erase: (userId) => this.inbox.deleteOf(userId) });
  }

  async list(userId: string, { limit, cursor, archived }: InboxQueryDto): Promise<NotificationListDto> {
    const found = await this.inbox.page(userId, limit + 1, { beforeId: idOf(cursor), archived: archived === 'true' });
    const items = found.slice(0, limit).map(notificationDto);
    return { items, nextCursor: found.length > limit ? cursorAfter(items.at(-1)!.id) : null };
  }

  countUnread(userId: string): Promise<number> {
    return this.inbox.countUnread(userId);
  }

  /** Throws NotificationNotFoundError for other users' messages too. Reading twice keeps the first time. */
  async markRead(userId: string, id: string): Promise<void> {
    if (!(await this.inbox.markRead(userId, id, new Date()))) throw new NotificationNotFoundError();
  }

  /** Takes the message out of the inbox's list, or puts it back. Throws NotificationNotFoundError for other users' messages too. */
  async setArchived(userId: string, id: string, archived: boolean): Promise<void> {
    if (!(await this.inbox.setArchived(userId, id, archived ? new Date() : null)))
      throw new NotificationNotFoundError();
  }

  async markAllRead(userId: string): Promise<void> {
    await this.inbox.markAllRead(userId, new Date());
  }
}

/** A message as its reader gets it. */
export function notificationDto(notification: Notification): NotificationDto {
  const { _id, category, title, body, createdAt, readAt, archivedAt } = notification;
  return {
    id: _id,
    category,
    title,
    body,
    createdAt: createdAt.toISOString(),
    readAt: readAt?.toISOString() ?? null,
    archivedAt: archivedAt?.toISOString() ?? null,
  };
}
