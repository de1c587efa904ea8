import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { CompiledTemplate } from './compiled-template.js';
import { type Locale, localeFor } from './locale.js';
import { STARTER_EN } from './starter.en.js';
import { STARTER_RU } from './starter.ru.js';
import { type StarterSet, type TemplateKey, TEMPLATES } from './template.js';

const STARTER: Record<Locale, StarterSet> = { en: STARTER_EN, ru: STARTER_RU };

/** Finds the words for a message. */
@Injectable()
export class TemplatesService {
  private readonly compiled = new LRUCache<string, CompiledTemplate>({ max: 200 });

  /** The template in the reader's language, or the nearest we have. */
  find(key: TemplateKey, wanted: string | undefined): Promise<CompiledTemplate> {
    const locale = localeFor(wanted);
    const id = `${key}:${locale}`;
    const template =
      this.compiled.get(id) ?? new CompiledTemplate(STARTER[locale][key], locale, TEMPLATES[key].variables);
    this.compiled.set(id, template);
    return Promise.resolve(template);
  }
}
