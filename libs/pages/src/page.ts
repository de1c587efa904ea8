import { html } from 'ghtml';
import type { Language } from './language.js';

/** What a page shows. */
export interface PageOptions {
  language: Language;
  title: string;
  /** Markup made with `html`, so everything in it is escaped already. */
  body: string;
  /** Addresses of the page's own script files, served from the same origin. */
  scripts?: readonly string[];
  /** Style sheets beside the shared one. */
  styles?: readonly string[];
  /** Seconds after which the page loads itself again: for pages that wait for something, without a script. */
  refreshSeconds?: number;
  /** `card` is a narrow column for one form or message; `wide` leaves the room to the page. */
  layout?: 'card' | 'wide';
}

/** A whole HTML document in the shared look. */
export function page(options: PageOptions): string {
  const { language, title, body, scripts = [], styles = [], refreshSeconds, layout = 'card' } = options;
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        !${refreshSeconds ? html`<meta http-equiv="refresh" content="${refreshSeconds}" />` : ''}
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/assets/pages.css" />
        !${styles.map((href) => html`<link rel="stylesheet" href="${href}" />`)}
        !${scripts.map((src) => html`<script type="module" src="${src}"></script>`)}
      </head>
      <body class="${layout}">
        <main>!${body}</main>
      </body>
    </html>`;
}

/** Headers of every page: private, never cached, and the address (it may hold a token) is told to nobody. */
export const PAGE_HEADERS: Record<string, string> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
};

export { html };
