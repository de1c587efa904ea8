import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { ignoringDuplicates } from '#libs/database';
import type { TemplateKey } from './template.js';
import { TemplateVersion } from './template-version.schema.js';

/** The only place that reads and writes published texts. */
@Injectable()
export class TemplateVersionsRepository {
  constructor(@InjectModel(TemplateVersion.name) private readonly versions: Model<TemplateVersion>) {}

  /** False when the template has a version of that number already: somebody else was quicker. */
  async insert(version: Omit<TemplateVersion, '_id'>): Promise<boolean> {
    const _id = idOf(version.key, version.version);
    await ignoringDuplicates(() => this.versions.create({ _id, ...version }));
    const { publishedBy, publishedAt } = (await this.versions.findById(_id).lean())!;
    return publishedBy === version.publishedBy && publishedAt.getTime() === version.publishedAt.getTime();
  }

  /** The newest version number of every template that has one. */
  async newestNumbers(): Promise<{ key: TemplateKey; version: number }[]> {
    const groups = await this.versions.aggregate<{ _id: TemplateKey; version: number }>([
      { $group: { _id: '$key', version: { $max: '$version' } } },
    ]);
    return groups.map(({ _id, version }) => ({ key: _id, version }));
  }

  async find(key: TemplateKey, version: number): Promise<TemplateVersion | undefined> {
    return (await this.versions.findById(idOf(key, version)).lean()) ?? undefined;
  }

  async newest(key: TemplateKey): Promise<TemplateVersion | undefined> {
    return (await this.page(key, undefined, 1))[0];
  }

  /** Newest first, older than that one. */
  page(key: TemplateKey, before: number | undefined, limit: number): Promise<TemplateVersion[]> {
    return this.versions
      .find({ key, ...(before !== undefined && { version: { $lt: before } }) })
      .sort({ version: -1 })
      .limit(limit)
      .lean();
  }
}

function idOf(key: TemplateKey, version: number): string {
  return `${key}:${version}`;
}
