import { type Locale, LOCALES } from '#libs/contracts';
import { CompiledTemplate } from '../templates/compiled-template.js';
import { localeFor } from '../templates/locale.js';
import { textFault } from '../templates/template-check.js';
import type { FactType } from '../templates/template.js';
import { CampaignContentError } from './campaign.errors.js';
import type { Campaign } from './campaign.schema.js';

/** What a campaign's author may use. */
export const CAMPAIGN_VARIABLES = { email: 'text' } as const satisfies Record<string, FactType>;

/** A campaign's texts, parsed once. Throws CampaignContentError when one cannot be used or there is none. */
export class CampaignTexts {
  private readonly texts = new Map<Locale, CompiledTemplate>();

  constructor(content: Campaign['content']) {
    for (const locale of LOCALES) {
      const text = content[locale];
      if (text) this.texts.set(locale, compile(text, locale));
    }
    if (this.texts.size === 0) throw new CampaignContentError('en', [textFault('no_text')]);
  }

  /** Languages that have a text of their own. */
  locales(): Locale[] {
    return [...this.texts.keys()];
  }

  /** The text for a reader: in their language, else in the other. */
  for(wanted: string | undefined): CompiledTemplate {
    return this.texts.get(localeFor(wanted)) ?? this.texts.values().next().value!;
  }
}

function compile(text: NonNullable<Campaign['content'][Locale]>, locale: Locale): CompiledTemplate {
  let template: CompiledTemplate;
  try {
    template = new CompiledTemplate(text, locale, CAMPAIGN_VARIABLES);
  } catch (error) {
    throw new CampaignContentError(locale, [textFault('not_a_template', (error as Error).message)]);
  }
  const unknown = template.unknownVariables();
  if (unknown.length > 0)
    throw new CampaignContentError(
      locale,
      unknown.map((name) => textFault('unknown_variable', name)),
    );
  return template;
}
