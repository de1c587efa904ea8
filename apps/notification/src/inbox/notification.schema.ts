import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { MessageClass } from '../templates/template.js';

/** One message in one user's inbox. */
@Schema({ collection: 'notifications', versionKey: false, strict: 'throw' })
export class Notification {
  /** UUID version 7: sorts by time. */
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String, required: true }) userId!: string;
  /** What is being said, once per user: an event's id, or a campaign's. */
  @Prop({ type: String, required: true }) messageKey!: string;
  @Prop({ type: String, required: true }) category!: MessageClass;
  @Prop({ type: String, required: true }) title!: string;
  @Prop({ type: String, default: '' }) body!: string;
  @Prop({ type: Date, required: true }) createdAt!: Date;
  @Prop({ type: Date, default: null }) readAt!: Date | null;
  /** Archived messages stand in a list of their own and count as read. */
  @Prop({ type: Date, default: null }) archivedAt?: Date | null;
  /** When it was written here, which may be long after it was created: what streams go by. */
  @Prop({ type: Date }) arrivedAt?: Date;
}

export const NotificationSchema = SchemaFactory.createForClass(Notification);
NotificationSchema.index({ userId: 1, messageKey: 1 }, { unique: true, name: 'uq_notifications_message' });
NotificationSchema.index({ userId: 1, _id: -1 }, { name: 'ix_notifications_list' });
NotificationSchema.index({ userId: 1, arrivedAt: 1 }, { name: 'ix_notifications_arrival' });
NotificationSchema.index(
  { userId: 1, readAt: 1 },
  { name: 'ix_notifications_unread', partialFilterExpression: { readAt: null } },
);
