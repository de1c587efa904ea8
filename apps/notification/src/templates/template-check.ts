import { type Locale, LOCALES } from '#libs/contracts';
import { CompiledTemplate } from './compiled-template.js';
import { samplesOf } from './samples.js';
import { kindOf, type TemplateContent, type TemplateKey, type TemplateTexts } from './template.js';

/** Something that keeps a template from being published. */
export interface TemplateFault {
  locale: Locale;
  message: string;
}

/** Mail programs cut longer mails off. */
const MOST_HTML_CHARACTERS = 100_000;

/** All that is wrong with the texts of a template; with none it can be published. */
export function faultsOf(key: TemplateKey, content: TemplateTexts): TemplateFault[] {
  if (!content.en) return [{ locale: 'en', message: 'The English text is what all other languages fall back to.' }];
  return LOCALES.flatMap((locale) => {
    const text = content[locale];
    return text ? textFaults(key, locale, text).map((message) => ({ locale, message })) : [];
  });
}

/** All that is wrong with the text of one language. */
export function textFaults(key: TemplateKey, locale: Locale, text: TemplateContent): string[] {
  let template: CompiledTemplate;
  try {
    template = new CompiledTemplate(text, locale, kindOf(key).variables);
  } catch (error) {
    return [(error as Error).message];
  }
  const faults = variableFaults(key, template);
  return faults.length > 0 ? faults : renderingFaults(key, template);
}

function variableFaults(key: TemplateKey, template: CompiledTemplate): string[] {
  const shown = template.shownInMail();
  const missing = (kindOf(key).required ?? []).filter((name) => !shown.includes(name));
  return [
    ...template.unknownVariables().map((name) => `Nobody fills in {{ ${name} }}.`),
    ...template.partsOfVariables().map((path) => `A variable is one value and has no parts: {{ ${path} }}.`),
    ...missing.map((name) => `The text must show {{ ${name} }}.`),
  ];
}

/** With every value and with none: between them lie all persons. */
function renderingFaults(key: TemplateKey, template: CompiledTemplate): string[] {
  try {
    for (const facts of [samplesOf(key, new Date()), {}]) {
      const { subject, html } = template.render(facts, { open: (link) => link });
      if (subject === '') return ['The subject comes out empty.'];
      if (html.length > MOST_HTML_CHARACTERS) return [`The mail is longer than ${MOST_HTML_CHARACTERS} characters.`];
    }
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
