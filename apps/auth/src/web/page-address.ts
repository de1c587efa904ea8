import type { Language } from '#libs/pages';

/** The address of a page, or of its form, in a language; it still knows where to go after signing in. */
export function pageAddress(path: string, language: Language, returnTo: string | undefined): string {
  const query = new URLSearchParams({ lang: language, ...(returnTo && { returnTo }) });
  return `${path}?${query.toString()}`;
}
