import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PersonalData } from '../contacts/personal-data.js';
import { cursorAfter, idOf } from '../lists/cursor.js';
import { NotificationNotFoundError } from './inbox.errors.js';
import { InboxRepository } from './inbox.repository.js';
import type { ListQueryDto } from '../lists/list.dto.js';
import type { NotificationDto, NotificationListDto } from './notification.dto.js';
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

  async list(userId: string, { limit, cursor }: ListQueryDto): Promise<NotificationListDto> {
    const found = await this.inbox.page(userId, limit + 1, idOf(cursor));
    const items = found.slice(0, limit).map(toDto);
    return { items, nextCursor: found.length > limit ? cursorAfter(items.at(-1)!.id) : null };
  }

  countUnread(userId: string): Promise<number> {
    return this.inbox.countUnread(userId);
  }

  /** Throws NotificationNotFoundError for other users' messages too. Reading twice keeps the first time. */
  async markRead(userId: string, id: string): Promise<void> {
    if (!(await this.inbox.markRead(userId, id, new Date()))) throw new NotificationNotFoundError();
  }

  async markAllRead(userId: string): Promise<void> {
    await this.inbox.markAllRead(userId, new Date());
  }
}

function toDto({ _id, category, title, body, createdAt, readAt }: Notification): NotificationDto {
  return { id: _id, category, title, body, createdAt: createdAt.toISOString(), readAt: readAt?.toISOString() ?? null };
}
