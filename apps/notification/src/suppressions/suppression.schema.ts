import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';

/** An address not to write to. */
@Schema({ collection: 'suppressions', versionKey: false, strict: 'throw' })
export class Suppression {
  /** SHA-256 of the address. */
  @Prop({ type: String, required: true })
  _id!: string;

  /** Absent once its owner was forgotten. */
  @Prop({ type: String }) address?: string;
  @Prop({ type: String, required: true }) reason!: string;
  /** What the server answered. */
  @Prop({ type: String, default: '' }) response!: string;
  @Prop({ type: Date, required: true }) createdAt!: Date;
}

export const SuppressionSchema = SchemaFactory.createForClass(Suppression);
SuppressionSchema.index({ createdAt: -1, _id: -1 }, { name: 'ix_suppressions_list' });
