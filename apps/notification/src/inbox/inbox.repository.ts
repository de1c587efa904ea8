import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { ignoringDuplicates, unorderedWrite } from '#libs/database';
import { InboxArrivals } from './inbox-arrivals.service.js';
import { Notification } from './notification.schema.js';

/** Where in the inbox a page begins. */
export interface InboxPlace {
  beforeId?: string;
  archived?: boolean;
}

/** The only place that reads and writes inbox messages. */
@Injectable()
export class InboxRepository {
  constructor(
    @InjectModel(Notification.name) private readonly notifications: Model<Notification>,
    private readonly arrivals: InboxArrivals,
  ) {}

  /** Puts messages into inboxes and tells those who watch them; those that are there already stay as they are. */
  async insert(messages: Notification[]): Promise<void> {
    if (messages.length === 0) return;
    const arrivedAt = new Date();
    for (const message of messages) message.arrivedAt = arrivedAt;
    await ignoringDuplicates(() => this.notifications.collection.insertMany(messages as never, unorderedWrite()));
    this.arrivals.announce(messages.map(({ userId }) => userId));
  }

  /** The user's messages, newest first, older than `beforeId`. */
  page(userId: string, limit: number, { beforeId, archived = false }: InboxPlace): Promise<Notification[]> {
    return this.notifications
      .find({
        userId,
        archivedAt: archived ? { $ne: null } : null,
        ...(beforeId && { _id: { $lt: beforeId } }),
      })
      .sort({ _id: -1 })
      .limit(limit)
      .lean();
  }

  /** What the inbox holds of a user's messages. */
  ofMessages(userId: string, messageKeys: readonly string[]): Promise<Notification[]> {
    return this.notifications.find({ userId, messageKey: { $in: messageKeys } }).lean();
  }

  countUnread(userId: string): Promise<number> {
    return this.notifications.countDocuments({ userId, readAt: null });
  }

  /** False when the user has no such message. */
  async markRead(userId: string, id: string, at: Date): Promise<boolean> {
    const { matchedCount } = await this.notifications.updateOne(
      { _id: id, userId },
      [{ $set: { readAt: { $ifNull: ['$readAt', at] } } }],
      { updatePipeline: true },
    );
    return matchedCount === 1;
  }

  /** What has been written into the user's inbox since then, in the order of writing, one by one. */
  arrivedSince(userId: string, since: Date): AsyncIterable<Notification> {
    return this.notifications
      .find({ userId, arrivedAt: { $gt: since } })
      .sort({ arrivedAt: 1, _id: 1 })
      .lean()
      .cursor();
  }

  /** False when the user has no such message. */
  async setArchived(userId: string, id: string, at: Date | null): Promise<boolean> {
    const change = at
      ? { archivedAt: { $ifNull: ['$archivedAt', at] }, readAt: { $ifNull: ['$readAt', at] } }
      : { archivedAt: null };
    const { matchedCount } = await this.notifications.updateOne({ _id: id, userId }, [{ $set: change }], {
      updatePipeline: true,
    });
    return matchedCount === 1;
  }

  /** Marks what was there at that moment; what arrives meanwhile stays unread. */
  async markAllRead(userId: string, at: Date): Promise<void> {
    await this.notifications.updateMany({ userId, readAt: null, createdAt: { $lte: at } }, { $set: { readAt: at } });
  }

  async deleteOf(userId: string): Promise<void> {
    await this.notifications.deleteMany({ userId });
  }
}
