import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { TemplateVersion, TemplateVersionSchema } from './template-version.schema.js';
import { TemplateVersionsRepository } from './template-versions.repository.js';
import { TemplatesService } from './templates.service.js';

/** What messages say. */
@Module({
  imports: [MongooseModule.forFeature([{ name: TemplateVersion.name, schema: TemplateVersionSchema }])],
  providers: [TemplatesService, TemplateVersionsRepository],
  exports: [TemplatesService, TemplateVersionsRepository],
})
export class TemplatesModule {}
