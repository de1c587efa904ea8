import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditRepository } from '../audit/audit.repository.js';
import type { TemplateKey, TemplateTexts } from '../templates/template.js';
import { TemplateDraftsRepository } from './template-drafts.repository.js';
import type { SaveDraftDto } from './template.dto.js';
import { TemplateChangedError } from './template.errors.js';

/** Writing drafts. */
@Injectable()
export class TemplateDrafts {
  constructor(
    private readonly drafts: TemplateDraftsRepository,
    private readonly audit: AuditRepository,
  ) {}

  /** Keeps a draft, finished or not. Throws TemplateChangedError when somebody else has saved one meanwhile. */
  async save(userId: string, key: TemplateKey, { content, revision }: SaveDraftDto): Promise<void> {
    const texts = JSON.parse(JSON.stringify(content)) as TemplateTexts;
    const draft = { _id: key, content: texts, revision: randomUUID(), savedBy: userId, savedAt: new Date() };
    if (!(await this.drafts.replace(draft, revision))) throw new TemplateChangedError();
    await this.audit.record(userId, 'template.draft_saved', key);
  }

  /** Throws TemplateChangedError when it is not that draft any more. */
  async discard(userId: string, key: TemplateKey, revision: string): Promise<void> {
    if (!(await this.drafts.delete(key, revision))) throw new TemplateChangedError();
    await this.audit.record(userId, 'template.draft_discarded', key);
  }
}
