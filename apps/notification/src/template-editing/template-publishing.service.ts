import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { AuditRepository } from '../audit/audit.repository.js';
import { starterOf } from '../templates/starter.js';
import type { TemplateKey, TemplateTexts } from '../templates/template.js';
import { faultsOf } from '../templates/template-check.js';
import { TemplateVersionsRepository } from '../templates/template-versions.repository.js';
import { TemplatesService } from '../templates/templates.service.js';
import { TemplateDraftsRepository } from './template-drafts.repository.js';
import type { RollBackTemplateDto } from './template.dto.js';
import {
  NothingToPublishError,
  TemplateChangedError,
  TemplateInvalidError,
  TemplateNotFoundError,
} from './template.errors.js';

/** What is published, and what is brought back, becomes the next version: history only grows. */
@Injectable()
export class TemplatePublishing {
  constructor(
    private readonly versions: TemplateVersionsRepository,
    private readonly drafts: TemplateDraftsRepository,
    private readonly templates: TemplatesService,
    private readonly audit: AuditRepository,
  ) {}

  /**
   * Makes the draft what is sent. Throws TemplateInvalidError with every fault of it, TemplateChangedError when it is not the
   * draft that was looked at, NothingToPublishError when it says what is sent already.
   */
  async publish(userId: string, key: TemplateKey, revision: string): Promise<void> {
    const draft = await this.drafts.find(key);
    if (!draft) throw new NothingToPublishError();
    if (draft.revision !== revision) throw new TemplateChangedError();
    const newest = await this.versions.newest(key);
    const current = newest?.version ?? 0;
    if (isDeepStrictEqual(newest?.content ?? starterOf(key), draft.content)) throw new NothingToPublishError();
    await this.add(userId, key, { current, content: draft.content });
    await this.audit.record(userId, 'template.published', key, { version: current + 1 });
    // A draft that a kill leaves behind here says what is sent already, and is saved over or discarded.
    await this.drafts.delete(key, revision);
  }

  /** Makes an earlier version what is sent. Throws as `publish` does, and TemplateNotFoundError. */
  async rollBack(userId: string, key: TemplateKey, { version, current }: RollBackTemplateDto): Promise<void> {
    const newest = await this.versions.newest(key);
    if ((newest?.version ?? 0) !== current) throw new TemplateChangedError();
    if (version === current) throw new NothingToPublishError();
    const content = version === 0 ? starterOf(key) : (await this.versions.find(key, version))?.content;
    if (!content) throw new TemplateNotFoundError();
    await this.add(userId, key, { current, content, restored: version });
    await this.audit.record(userId, 'template.rolled_back', key, { version: current + 1, restored: version });
  }

  private async add(
    userId: string,
    key: TemplateKey,
    { current, content, restored }: { current: number; content: TemplateTexts; restored?: number },
  ): Promise<void> {
    const faults = faultsOf(key, content);
    if (faults.length > 0) throw new TemplateInvalidError(faults);
    const added = await this.versions.insert({
      key,
      version: current + 1,
      content,
      publishedBy: userId,
      publishedAt: new Date(),
      ...(restored !== undefined && { restored }),
    });
    if (!added) throw new TemplateChangedError();
    this.templates.forget();
  }
}
