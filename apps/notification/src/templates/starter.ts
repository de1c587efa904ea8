import type { Locale } from '#libs/contracts';
import { STARTER_EN } from './starter.en.js';
import { STARTER_RU } from './starter.ru.js';
import type { StarterSet, TemplateContent, TemplateKey } from './template.js';

const STARTER: Record<Locale, StarterSet> = { en: STARTER_EN, ru: STARTER_RU };

/** Version 0 of a template: what the service says until somebody publishes something better. */
export function starterOf(key: TemplateKey): Record<Locale, TemplateContent> {
  return { en: STARTER.en[key], ru: STARTER.ru[key] };
}
