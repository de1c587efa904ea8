import { html, type Language, page } from '#libs/pages';

const WORDS = {
  en: { title: 'Messages', noScript: 'This page needs JavaScript.' },
  ru: { title: 'Сообщения', noScript: 'Этой странице нужен JavaScript.' },
} as const satisfies Record<Language, object>;

/** The shell of the panel; its script draws the rest. `authUrl` is where administrators sign in. */
export function panelPage(language: Language, authUrl: string): string {
  const { title, noScript } = WORDS[language];
  return page({
    language,
    title,
    layout: 'wide',
    body: html`<div id="panel" data-auth-url="${authUrl}">
      <noscript><p role="alert">${noScript}</p></noscript>
    </div>`,
    scripts: ['/admin/assets/panel.js'],
    styles: ['/admin/assets/panel.css'],
  });
}
