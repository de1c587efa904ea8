import { type Locale, LOCALES } from '#libs/contracts';
import { CompiledTemplate } from './compiled-template.js';
import { samplesOf } from './samples.js';
import { kindOf, type TemplateContent, type TemplateKey, type TemplateTexts } from './template.js';

/** Kinds of faults; a page in another language says them by their code. */
export type TextFaultCode =
  | 'english_missing'
  | 'has_parts'
  | 'must_be_shown'
  | 'no_text'
  | 'not_a_template'
  | 'subject_empty'
  | 'too_long'
  | 'unknown_variable';

/** Something that is wrong with a text: `about` is the variable, the limit or the place in the text. */
export interface TextFault {
  code: TextFaultCode;
  about: string;
  message: string;
}

/** Something that keeps a template from being published. */
export interface TemplateFault extends TextFault {
  locale: Locale;
}

const SENTENCES: Record<TextFaultCode, (about: string) => string> = {
  english_missing: () => 'The English text is what all other languages fall back to.',
  has_parts: (path) => `A variable is one value and has no parts: {{ ${path} }}.`,
  must_be_shown: (name) => `The text must show {{ ${name} }}.`,
  no_text: () => 'There is no text at all.',
  not_a_template: (fault) => fault,
  subject_empty: () => 'The subject comes out empty.',
  too_long: (limit) => `The mail is longer than ${limit} characters.`,
  unknown_variable: (name) => `Nobody fills in {{ ${name} }}.`,
};

/** A fault with its English sentence. */
export function textFault(code: TextFaultCode, about = ''): TextFault {
  return { code, about, message: SENTENCES[code](about) };
}

/** Mail programs cut longer mails off. */
const MOST_HTML_CHARACTERS = 100_000;

/** All that is wrong with the texts of a template; with none it can be published. */
export function faultsOf(key: TemplateKey, content: TemplateTexts): TemplateFault[] {
  if (!content.en) return [{ locale: 'en', ...textFault('english_missing') }];
  return LOCALES.flatMap((locale) => {
    const text = content[locale];
    return text ? textFaults(key, locale, text).map((fault) => ({ locale, ...fault })) : [];
  });
}

/** All that is wrong with the text of one language. */
export function textFaults(key: TemplateKey, locale: Locale, text: TemplateContent): TextFault[] {
  let template: CompiledTemplate;
  try {
    template = new CompiledTemplate(text, locale, kindOf(key).variables);
  } catch (error) {
    return [textFault('not_a_template', (error as Error).message)];
  }
  const faults = variableFaults(key, template);
  return faults.length > 0 ? faults : renderingFaults(key, template);
}

function variableFaults(key: TemplateKey, template: CompiledTemplate): TextFault[] {
  const shown = template.shownInMail();
  const missing = (kindOf(key).required ?? []).filter((name) => !shown.includes(name));
  return [
    ...template.unknownVariables().map((name) => textFault('unknown_variable', name)),
    ...template.partsOfVariables().map((path) => textFault('has_parts', path)),
    ...missing.map((name) => textFault('must_be_shown', name)),
  ];
}

/** With every value and with none: between them lie all persons. */
function renderingFaults(key: TemplateKey, template: CompiledTemplate): TextFault[] {
  try {
    for (const facts of [samplesOf(key, new Date()), {}]) {
      const { subject, html } = template.render(facts, { open: (link) => link });
      if (subject === '') return [textFault('subject_empty')];
      if (html.length > MOST_HTML_CHARACTERS) return [textFault('too_long', String(MOST_HTML_CHARACTERS))];
    }
    return [];
  } catch (error) {
    return [textFault('not_a_template', (error as Error).message)];
  }
}
