import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AuditModule } from '../audit/audit.module.js';
import { ContactsModule } from '../contacts/contacts.module.js';
import { DeliveriesModule } from '../deliveries/deliveries.module.js';
import { MailModule } from '../mail/mail.module.js';
import { TemplatesModule } from '../templates/templates.module.js';
import { TemplateDraft, TemplateDraftSchema } from './template-draft.schema.js';
import { TemplateDraftsRepository } from './template-drafts.repository.js';
import { TemplateDrafts } from './template-drafts.service.js';
import { TemplatePreview } from './template-preview.service.js';
import { TemplatePublishing } from './template-publishing.service.js';
import { TemplateView } from './template-view.service.js';
import { TemplatesController } from './templates.controller.js';

/** How administrators write templates. */
@Module({
  imports: [
    AuditModule,
    ContactsModule,
    DeliveriesModule,
    MailModule,
    TemplatesModule,
    MongooseModule.forFeature([{ name: TemplateDraft.name, schema: TemplateDraftSchema }]),
  ],
  controllers: [TemplatesController],
  providers: [TemplateDraftsRepository, TemplateDrafts, TemplatePublishing, TemplatePreview, TemplateView],
})
export class TemplateEditingModule {}
