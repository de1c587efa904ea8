import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { ignoringDuplicates } from '../store/duplicate-key.js';
import { Notification } from './notification.schema.js';

/** The only place that reads and writes inbox messages. */
@Injectable()
export class InboxRepository {
  constructor(@InjectModel(Notification.name) private readonly notifications: Model<Notification>) {}

  /** Puts messages into inboxes; those that are there already stay as they are. */
  async insert(messages: Notification[]): Promise<void> {
    if (messages.length === 0) return;
    await ignoringDuplicates(() => this.notifications.collection.insertMany(messages as never, { ordered: false }));
  }

  /** The user's messages, newest first, older than `beforeId`. */
  page(userId: string, limit: number, beforeId?: string): Promise<Notification[]> {
    return this.notifications
      .find({ userId, ...(beforeId && { _id: { $lt: beforeId } }) })
      .sort({ _id: -1 })
      .limit(limit)
      .lean();
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

  /** Marks what was there at that moment; what arrives meanwhile stays unread. */
  async markAllRead(userId: string, at: Date): Promise<void> {
    await this.notifications.updateMany({ userId, readAt: null, createdAt: { $lte: at } }, { $set: { readAt: at } });
  }

  async deleteOf(userId: string): Promise<void> {
    await this.notifications.deleteMany({ userId });
  }
}
