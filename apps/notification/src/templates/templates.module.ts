import { Module } from '@nestjs/common';
import { TemplatesService } from './templates.service.js';

/** What messages say. */
@Module({ providers: [TemplatesService], exports: [TemplatesService] })
export class TemplatesModule {}
