import type { FastifyReply, FastifyRequest } from 'fastify';
import { html } from 'ghtml';

export type Language = 'en' | 'ru';

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2433; --paper: #fff; --line: #c9d0dc; --soft: #f3f5f9; --act: #2f4bd8; --bad: #a3182c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf3; --paper: #161a22; --line: #3b4354; --soft: #1f2530; --act: #8fa2ff; --bad: #ff8f9d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
.warning { margin: 0; padding: .5rem 1rem; background: #ffd84d; color: #2b2200; text-align: center; font-weight: 600; }
main { max-width: 46rem; margin: 0 auto; padding: 1rem; }
.languages { max-width: 46rem; margin: 0 auto; padding: .5rem 1rem 0; text-align: end; }
h1 { font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin-top: 2rem; }
a { color: var(--act); }
.amount { font-size: 2rem; font-weight: 700; margin: .25rem 0; }
label { display: block; margin: .75rem 0 .25rem; font-weight: 600; }
input, select { width: 100%; min-height: 2.75rem; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--paper); color: inherit; font: inherit; }
.row { display: flex; flex-wrap: wrap; gap: .75rem; }
.row > * { flex: 1 1 8rem; }
button, .button { display: inline-block; min-height: 2.75rem; padding: .5rem 1.25rem; border: 1px solid var(--act); border-radius: .5rem; background: var(--paper); color: var(--act); font: inherit; font-weight: 600; text-decoration: none; cursor: pointer; }
button.main { background: #2f4bd8; border-color: #2f4bd8; color: #fff; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0; }
.choices { list-style: none; padding: 0; } .choices button { width: 100%; text-align: start; margin-bottom: .5rem; }
.problem { padding: .75rem 1rem; border-inline-start: .3rem solid var(--bad); background: var(--soft); color: var(--bad); font-weight: 600; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .45rem .5rem; border-bottom: 1px solid var(--line); text-align: start; vertical-align: top; }
td.number, th.number { text-align: end; white-space: nowrap; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
pre { padding: .75rem; background: var(--soft); overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
.quiet { opacity: .75; font-size: .9rem; }
.mails { list-style: none; padding: 0; } .mails li { padding: .75rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; } .mails a { font-weight: 600; }
iframe { width: 100%; height: 24rem; border: 1px solid var(--line); border-radius: .5rem; background: #fff; }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
`;

const WARNING: Record<Language, string> = {
  en: 'SANDBOX - no real money',
  ru: 'ПЕСОЧНИЦА (SANDBOX) - деньги не настоящие',
};

/** `?lang` first, then the hint (a provider's own locale setting), then Accept-Language, then English. */
export function languageOf(request: FastifyRequest, hint?: string | null): Language {
  const asked = (request.query as Record<string, string | undefined>)['lang'] ?? hint ?? undefined;
  if (asked === 'ru' || asked === 'en') return asked;
  const ranked = (request.headers['accept-language'] ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...options] = part.trim().split(';');
      const weight = options.find((option) => option.trim().startsWith('q='));
      return { language: tag.slice(0, 2).toLowerCase(), weight: weight ? Number(weight.trim().slice(2)) : 1 };
    })
    .filter(({ language }) => language === 'ru' || language === 'en')
    .sort((left, right) => right.weight - left.weight);
  return ranked[0]?.language === 'ru' ? 'ru' : 'en';
}

/** One whole page; `body` is ready HTML. It needs no script and nothing from elsewhere. */
export function page(language: Language, title: string, body: string, languages?: { en: string; ru: string }): string {
  const switcher = languages
    ? html`<nav class="languages" aria-label="Language / Язык">
        <a href="${languages.en}" hreflang="en" lang="en">English</a> ·
        <a href="${languages.ru}" hreflang="ru" lang="ru">Русский</a>
      </nav>`
    : '';
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <link rel="icon" href="data:," />
        <title>${title} · SANDBOX</title>
        <style>
          !${STYLE}
        </style>
      </head>
      <body>
        <p class="warning" role="note">${WARNING[language]}</p>
        !${switcher}
        <main>!${body}</main>
      </body>
    </html> `;
}

/** Sends a page that no cache keeps and no other site frames. */
export function sendPage(reply: FastifyReply, markup: string, status = 200): FastifyReply {
  return reply
    .code(status)
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    )
    .header('referrer-policy', 'no-referrer')
    .header('x-content-type-options', 'nosniff')
    .send(markup);
}
