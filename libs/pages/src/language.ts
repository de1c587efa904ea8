import { type Locale, LOCALES } from '#libs/contracts';

/** A language pages are written in: every language of the product. */
export type Language = Locale;

/** The little of a request that tells the reader's language. */
interface LanguageHints {
  query?: unknown;
  headers: Record<string, string | string[] | undefined>;
}

/** The reader's language: `?lang=` when given, else the first of Accept-Language that we have, else English. */
export function languageOf(request: LanguageHints): Language {
  const asked = (request.query as { lang?: unknown } | undefined)?.lang;
  if (isLanguage(asked)) return asked;
  const accepted = String(request.headers['accept-language'] ?? '')
    .split(',')
    .slice(0, 20)
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const quality = parameters.map((parameter) => /^\s*q=([\d.]+)$/.exec(parameter)?.[1]).find(Boolean);
      return { language: tag.slice(0, 2).toLowerCase(), quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ language, quality }) => isLanguage(language) && quality > 0)
    .toSorted((a, b) => b.quality - a.quality);
  return (accepted[0]?.language as Language | undefined) ?? 'en';
}

function isLanguage(value: unknown): value is Language {
  return LOCALES.includes(value as Language);
}
