import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { TemplateKey, TemplateTexts } from '../templates/template.js';

/** What administrators are writing, one per template. */
@Schema({ collection: 'template_drafts', versionKey: false, strict: 'throw', minimize: false })
export class TemplateDraft {
  /** The template. */
  @Prop({ type: String, required: true })
  _id!: TemplateKey;

  @Prop({ type: Object, required: true }) content!: TemplateTexts;
  /** New with every saving: whoever saves or publishes names the one they looked at. */
  @Prop({ type: String, required: true }) revision!: string;
  @Prop({ type: String, required: true }) savedBy!: string;
  @Prop({ type: Date, required: true }) savedAt!: Date;
}

export const TemplateDraftSchema = SchemaFactory.createForClass(TemplateDraft);
