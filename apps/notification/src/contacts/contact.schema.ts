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

  @Prop(String) email?: string;
  @Prop(String) locale?: string;
  @Prop(Boolean) emailVerified?: boolean;
  @Prop({ type: [String], default: undefined }) roles?: string[];
  @Prop(Boolean) blocked?: boolean;
  @Prop(Date) registeredAt?: Date;
  /** Set for good: a forgotten user leaves a tombstone, so that a late event cannot bring the address back. */
  @Prop(Date) deletedAt?: Date;
  @Prop(Date) lastSeenAt?: Date;
  @Prop({ type: [String], default: undefined }) devices?: string[];
  @Prop({ type: [String], default: undefined }) currencies?: string[];
  /** By product; dots and dollars of its name are escaped. */
  @Prop({ type: Object }) plans?: Record<string, ContactPlan>;
  /** From which version of its aggregate each field came. */
  @Prop({ type: Object }) versions?: Record<string, unknown>;
}

export const ContactSchema = SchemaFactory.createForClass(Contact);
ContactSchema.index({ email: 1 }, { name: 'ix_contacts_email' });
