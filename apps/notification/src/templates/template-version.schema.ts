import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { TemplateKey, TemplateTexts } from './template.js';

/** What an administrator published; never changed. The newest version of a template is what is sent. */
@Schema({ collection: 'template_versions', versionKey: false, strict: 'throw', minimize: false })
export class TemplateVersion {
  /** Template and version: two who publish at once cannot both be the next. */
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String, required: true }) key!: TemplateKey;
  /** Counted from 1; 0 is the starter text in the code. */
  @Prop({ type: Number, required: true }) version!: number;
  @Prop({ type: Object, required: true }) content!: TemplateTexts;
  /** An administrator's user id. */
  @Prop({ type: String, required: true }) publishedBy!: string;
  @Prop({ type: Date, required: true }) publishedAt!: Date;
  /** The earlier version it brought back. */
  @Prop({ type: Number }) restored?: number;
}

export const TemplateVersionSchema = SchemaFactory.createForClass(TemplateVersion);
TemplateVersionSchema.index({ key: 1, version: -1 }, { unique: true, name: 'uq_template_versions' });
