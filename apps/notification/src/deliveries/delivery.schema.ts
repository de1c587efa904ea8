import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { Facts, MessageClass, TemplateKey } from '../templates/template.js';
import type { Channel, DeliveryState, Lane } from './delivery.js';

/** An address that an event brought along, for messages that must go exactly there. */
export interface GivenAddress {
  email: string;
  locale: string;
}

/** One message to one user over one channel. */
@Schema({ collection: 'deliveries', versionKey: false, strict: 'throw' })
export class Delivery {
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String, required: true }) messageKey!: string;
  @Prop({ type: String, required: true }) userId!: string;
  @Prop({ type: String, required: true }) channel!: Channel;
  @Prop({ type: String, required: true }) class!: MessageClass;
  @Prop({ type: String, required: true }) lane!: Lane;
  /** Words from a template, or from a campaign. */
  @Prop({ type: String }) template?: TemplateKey;
  @Prop({ type: String }) campaignId?: string;
  /** Links stay sealed in here, and go once the mail has gone. */
  @Prop({ type: Object }) facts?: Facts;
  @Prop({ type: Object }) to?: GivenAddress;

  @Prop({ type: String, required: true }) state!: DeliveryState;
  @Prop({ type: Number, default: 0 }) attempts!: number;
  @Prop({ type: Date, required: true }) nextAttemptAt!: Date;
  /** Who holds the lease on a batch. */
  @Prop({ type: String }) claim?: string;
  @Prop({ type: String }) reason?: string;
  @Prop({ type: String }) response?: string;
  @Prop({ type: Date, required: true }) createdAt!: Date;
  @Prop({ type: Date }) finishedAt?: Date;
}

export const DeliverySchema = SchemaFactory.createForClass(Delivery);
DeliverySchema.index({ messageKey: 1, userId: 1, channel: 1 }, { unique: true, name: 'uq_deliveries_message' });
DeliverySchema.index({ userId: 1, _id: -1 }, { name: 'ix_deliveries_user' });
DeliverySchema.index(
  { state: 1, _id: -1 },
  { name: 'ix_deliveries_failed', partialFilterExpression: { state: 'failed' } },
);
DeliverySchema.index(
  { lane: 1, nextAttemptAt: 1 },
  { name: 'ix_deliveries_due', partialFilterExpression: { state: 'pending' } },
);
DeliverySchema.index(
  { campaignId: 1, state: 1, nextAttemptAt: 1 },
  { name: 'ix_deliveries_campaign', partialFilterExpression: { campaignId: { $exists: true } } },
);
