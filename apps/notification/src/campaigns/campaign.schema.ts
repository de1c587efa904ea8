import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { Channel } from '../deliveries/delivery.js';
import type { Locale } from '../templates/locale.js';
import type { TemplateContent } from '../templates/template.js';

/** Where a campaign stands. */
export type CampaignStatus = 'draft' | 'running' | 'done' | 'partly_failed';

/** Who gets a campaign. */
export interface Audience {
  type: 'all';
}

/** A message to many. */
@Schema({ collection: 'campaigns', versionKey: false, strict: 'throw', minimize: false })
export class Campaign {
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String, required: true }) name!: string;
  @Prop({ type: [String], required: true }) channels!: Channel[];
  @Prop({ type: Object, required: true }) audience!: Audience;
  @Prop({ type: Object, required: true }) content!: Partial<Record<Locale, TemplateContent>>;
  @Prop({ type: String, required: true }) status!: CampaignStatus;
  @Prop({ type: String, required: true }) createdBy!: string;
  @Prop({ type: Date, required: true }) createdAt!: Date;
  @Prop({ type: String }) startedBy?: string;
  @Prop({ type: Date }) startedAt?: Date;
  /** The last user whose deliveries are written. */
  @Prop({ type: String, default: '' }) snapshotCursor!: string;
  @Prop({ type: Boolean, default: false }) snapshotDone!: boolean;
  @Prop({ type: Date }) finishedAt?: Date;
}

export const CampaignSchema = SchemaFactory.createForClass(Campaign);
CampaignSchema.index({ status: 1 }, { name: 'ix_campaigns_status' });
