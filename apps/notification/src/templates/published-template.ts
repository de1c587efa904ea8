import type { Locale } from '#libs/contracts';
import { CompiledTemplate, type RenderedMessage, type RenderOptions } from './compiled-template.js';
import { starterOf } from './starter.js';
import { type Facts, kindOf, type TemplateContent, type TemplateKey } from './template.js';

/** A text an administrator published. Should it fail while a person is written to, the starter text goes out instead. */
class PublishedTemplate extends CompiledTemplate {
  constructor(
    content: TemplateContent,
    locale: Locale,
    key: TemplateKey,
    private readonly starter: CompiledTemplate,
    private readonly onFault: (error: Error) => void,
  ) {
    super(content, locale, kindOf(key).variables);
  }

  override render(facts: Facts, options?: RenderOptions): RenderedMessage {
    try {
      return super.render(facts, options);
    } catch (error) {
      this.onFault(error as Error);
      return this.starter.render(facts, options);
    }
  }
}

/** The starter text of one language, parsed. */
export function starterTemplate(key: TemplateKey, locale: Locale): CompiledTemplate {
  return new CompiledTemplate(starterOf(key)[locale], locale, kindOf(key).variables);
}

/** A published text, parsed; the starter text when it cannot be. `onFault` hears of it then, and at each failed rendering. */
export function publishedTemplate(
  key: TemplateKey,
  locale: Locale,
  content: TemplateContent,
  onFault: (error: Error) => void,
): CompiledTemplate {
  const starter = starterTemplate(key, locale);
  try {
    return new PublishedTemplate(content, locale, key, starter, onFault);
  } catch (error) {
    onFault(error as Error);
    return starter;
  }
}
