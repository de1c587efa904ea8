import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';

/** What an administrator may have to answer for. */
export type AuditAction =
  | 'template.draft_saved'
  | 'template.draft_discarded'
  | 'template.published'
  | 'template.rolled_back'
  | 'template.test_sent'
  | 'template.previewed_as_user'
  | 'user.viewed'
  | 'user.messages_viewed'
  | 'user.deliveries_viewed'
  | 'dead_letters.redriven'
  | 'dead_letters.discarded'
  | 'delivery.retried'
  | 'suppression.removed';

/** One act of an administrator. */
@Schema({ collection: 'audit_entries', versionKey: false, strict: 'throw' })
export class AuditEntry {
  /** UUID version 7: sorts by time. */
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: Date, required: true }) at!: Date;
  /** The administrator's user id. */
  @Prop({ type: String, required: true }) by!: string;
  @Prop({ type: String, required: true }) action!: AuditAction;
  /** What it was done to: a template's name, a queue, an id. */
  @Prop({ type: String, required: true }) subject!: string;
  @Prop({ type: Object }) details?: Record<string, string | number>;
}

export const AuditEntrySchema = SchemaFactory.createForClass(AuditEntry);
