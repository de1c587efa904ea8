import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';

/** Until when a user may use a product. */
export interface ContactPlan {
  activeUntil: Date | null;
}

/** One user as this service knows them. */
@Schema({ collection: 'contacts', versionKey: false, strict: 'throw' })
export class Contact {
  /** auth's user id. */
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String }) email?: string;
  @Prop({ type: String }) locale?: string;
  @Prop({ type: Boolean }) emailVerified?: boolean;
  @Prop({ type: [String], default: undefined }) roles?: string[];
  @Prop({ type: Boolean }) blocked?: boolean;
  /** Until when; without it, until somebody lifts the block. */
  @Prop({ type: Date }) blockedUntil?: Date | null;
  @Prop({ type: Date }) registeredAt?: Date;
  /** Set for good: a forgotten user leaves a tombstone, so that a late event cannot bring the address back. */
  @Prop({ type: Date }) deletedAt?: Date;
  @Prop({ type: Date }) lastSeenAt?: Date;
  @Prop({ type: [String], default: undefined }) devices?: string[];
  @Prop({ type: [String], default: undefined }) currencies?: string[];
  /** By product; dots and dollars of its name are escaped. */
  @Prop({ type: Object }) plans?: Record<string, ContactPlan>;
  /** From which version of its aggregate each field came. */
  @Prop({ type: Object }) versions?: Record<string, unknown>;
}

export const ContactSchema = SchemaFactory.createForClass(Contact);
ContactSchema.index({ email: 1 }, { name: 'ix_contacts_email' });
