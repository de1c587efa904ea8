import type { Locale } from '#libs/contracts';
import { SHELL_HTML } from './shell-html.js';

const WORDS = {
  en: { unsubscribe: 'Unsubscribe', why: 'You receive this message because you have an account with us.' },
  ru: { unsubscribe: 'Отписаться', why: 'Вы получили это письмо, потому что у вас есть учётная запись у нас.' },
} as const satisfies Record<Locale, object>;

/** The HTML around every mail's body: one column, readable without images. Liquid fills the rest. */
export function wrapHtml(body: string, locale: Locale): string {
  const parts: Record<string, string> = { body, locale, ...WORDS[locale] };
  return SHELL_HTML.replace(/\[\[(\w+)\]\]/g, (_, name: string) => parts[name]!);
}

/** The text part around a body. */
export function wrapText(body: string, locale: Locale): string {
  const { unsubscribe, why } = WORDS[locale];
  return `${body}\n\n-- \n${why}{% if unsubscribe_url %}\n${unsubscribe}: {{ unsubscribe_url }}{% endif %}\n`;
}
