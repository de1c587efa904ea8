import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { ignoringDuplicates } from '#libs/database';
import type { TemplateKey } from '../templates/template.js';
import { TemplateDraft } from './template-draft.schema.js';

/** The only place that reads and writes drafts. */
@Injectable()
export class TemplateDraftsRepository {
  constructor(@InjectModel(TemplateDraft.name) private readonly drafts: Model<TemplateDraft>) {}

  async find(key: TemplateKey): Promise<TemplateDraft | undefined> {
    return (await this.drafts.findById(key).lean()) ?? undefined;
  }

  all(): Promise<TemplateDraft[]> {
    return this.drafts.find().lean();
  }

  /** Puts the draft in the place of the one with that revision, or of none; false when it is not that any more. */
  async replace(draft: TemplateDraft, revision: string | null): Promise<boolean> {
    if (revision !== null) {
      const { matchedCount } = await this.drafts.replaceOne({ _id: draft._id, revision }, draft);
      return matchedCount === 1;
    }
    await ignoringDuplicates(() => this.drafts.create(draft));
    return (await this.find(draft._id))?.revision === draft.revision;
  }

  /** False when it is not that revision any more. */
  async delete(key: TemplateKey, revision: string): Promise<boolean> {
    return (await this.drafts.deleteOne({ _id: key, revision })).deletedCount === 1;
  }
}
