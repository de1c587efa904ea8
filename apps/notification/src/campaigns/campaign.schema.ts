import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { Locale } from '#libs/contracts';
import type { ChosenChannel } from '../deliveries/delivery.js';
import type { TemplateContent } from '../templates/template.js';
import type { Audience } from './audience.js';

/** Where a campaign stands. */
export type CampaignStatus = 'draft' | 'scheduled' | 'running' | 'paused' | 'cancelled' | 'done' | 'partly_failed';

/** A message to many. */
@Schema({ collection: 'campaigns', versionKey: false, strict: 'throw', minimize: false })
export class Campaign {
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String, required: true }) name!: string;
  @Prop({ type: [String], required: true }) channels!: ChosenChannel[];
  @Prop({ type: Object, required: true }) audience!: Audience;
  @Prop({ type: Object, required: true }) content!: Partial<Record<Locale, TemplateContent>>;
  @Prop({ type: String, required: true }) status!: CampaignStatus;
  @Prop({ type: String, required: true }) createdBy!: string;
  @Prop({ type: Date, required: true }) createdAt!: Date;
  /** The author and everybody who has changed it: none of them is its second administrator. */
  @Prop({ type: [String], required: true }) writtenBy!: string[];
  /** Grows with every change of what is sent or to whom. */
  @Prop({ type: Number, required: true }) revision!: number;
  /** The client's key of the request that made it: the same request makes one campaign. */
  @Prop({ type: String }) requestKey?: string;
  /** The second administrator a large campaign needs. */
  @Prop({ type: String }) approvedBy?: string;
  @Prop({ type: Date }) scheduledFor?: Date;
  @Prop({ type: String }) startedBy?: string;
  @Prop({ type: Date }) startedAt?: Date;
  /** The last user whose deliveries are written. */
  @Prop({ type: String, default: '' }) snapshotCursor!: string;
  @Prop({ type: Boolean, default: false }) snapshotDone!: boolean;
  /** Set when nothing is left to do. */
  @Prop({ type: Date }) finishedAt?: Date;
}

export const CampaignSchema = SchemaFactory.createForClass(Campaign);
CampaignSchema.index({ status: 1, startedAt: 1 }, { name: 'ix_campaigns_status' });
CampaignSchema.index(
  { createdBy: 1, requestKey: 1 },
  { unique: true, name: 'uq_campaigns_request', partialFilterExpression: { requestKey: { $exists: true } } },
);
