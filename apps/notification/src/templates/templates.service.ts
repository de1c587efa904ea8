import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Locale } from '#libs/contracts';
import type { CompiledTemplate } from './compiled-template.js';
import { localeFor } from './locale.js';
import { publishedTemplate, starterTemplate } from './published-template.js';
import type { TemplateKey } from './template.js';
import type { TemplateVersion } from './template-version.schema.js';
import { TemplateVersionsRepository } from './template-versions.repository.js';

/** For how long published texts are taken to be the newest: how late another replica sends what was just published. */
const FRESH_MS = 2_000;

/** Finds the words for a message: what was published last, else the starter text. */
@Injectable()
export class TemplatesService {
  private readonly logger = new Logger(TemplatesService.name);
  private readonly compiled = new LRUCache<string, CompiledTemplate>({ max: 200 });
  private readonly published = new Map<TemplateKey, TemplateVersion>();
  private readAt: number | undefined;
  private reading: Promise<void> | undefined;

  constructor(private readonly versions: TemplateVersionsRepository) {}

  /** The template in the reader's language: `ru-RU` -> `ru` -> `en`. */
  async find(key: TemplateKey, wanted: string | undefined): Promise<CompiledTemplate> {
    await this.refresh();
    const version = this.published.get(key);
    const locale = version ? localeOf(version, wanted) : localeFor(wanted);
    const id = `${key}:${version?.version ?? 0}:${locale}`;
    const template = this.compiled.get(id) ?? this.compile(key, version, locale);
    this.compiled.set(id, template);
    return template;
  }

  /** What was published last is looked up anew. */
  forget(): void {
    this.readAt = undefined;
  }

  private compile(key: TemplateKey, stored: TemplateVersion | undefined, locale: Locale): CompiledTemplate {
    const content = stored?.content[locale];
    if (!stored || !content) return starterTemplate(key, locale);
    return publishedTemplate(key, locale, content, ({ message }) =>
      this.logger.error(
        `Version ${stored.version} of ${key} (${locale}) is broken, the starter text is sent: ${message}`,
      ),
    );
  }

  /** What is known stays known while MongoDB is away; without it nothing could be sent anyway. */
  private async refresh(): Promise<void> {
    if (this.readAt !== undefined && Date.now() - this.readAt < FRESH_MS) return;
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    await this.reading;
  }

  private async read(): Promise<void> {
    const startedAt = Date.now();
    for (const { key, version } of await this.versions.newestNumbers()) {
      if (this.published.get(key)?.version === version) continue;
      const stored = await this.versions.find(key, version);
      if (stored) this.published.set(key, stored);
    }
    this.readAt = startedAt;
  }
}

function localeOf({ content }: TemplateVersion, wanted: string | undefined): Locale {
  const locale = localeFor(wanted);
  return content[locale] ? locale : 'en';
}
