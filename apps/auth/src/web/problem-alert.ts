import { html, type Language } from '#libs/pages';

/** What may go wrong on any page. */
const TEXTS: Record<Language, { unknown: string; problems: Record<string, string> }> = {
  en: {
    unknown: 'That did not work. Please try again.',
    problems: {
      'request.too_many': 'Too many attempts. Please wait.',
      'service.busy': 'Too many people are here right now. Please try again.',
      'service.unavailable': 'This does not work right now. Please try again in a moment.',
    },
  },
  ru: {
    unknown: 'Не получилось. Попробуйте ещё раз.',
    problems: {
      'request.too_many': 'Слишком много попыток. Подождите.',
      'service.busy': 'Сейчас слишком много посетителей. Попробуйте ещё раз.',
      'service.unavailable': 'Сейчас это не работает. Попробуйте чуть позже.',
    },
  },
};

/**
 * What a page tells of a problem, if there is one, by the page's own words where it has some. A code nobody knows, as one in an address
 * may be, says little.
 */
export function problemAlert(language: Language, problem?: string, own: Record<string, string> = {}): string {
  if (!problem) return '';
  const { unknown, problems } = TEXTS[language];
  const known = [own, problems].find((texts) => Object.hasOwn(texts, problem));
  return html`<p role="alert">${known?.[problem] ?? unknown}</p>`;
}
