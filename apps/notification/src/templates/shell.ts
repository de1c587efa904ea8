import type { Locale } from './locale.js';

const WORDS = {
  en: { unsubscribe: 'Unsubscribe', why: 'You receive this message because you have an account with us.' },
  ru: { unsubscribe: 'Отписаться', why: 'Вы получили это письмо, потому что у вас есть учётная запись у нас.' },
} as const satisfies Record<Locale, object>;

/** The HTML around every mail's body: one column, readable without images, in light and dark. Liquid fills the rest. */
export function wrapHtml(body: string, locale: Locale): string {
  const { unsubscribe, why } = WORDS[locale];
  return `<!doctype html>
<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>{{ subject_line }}</title></head>
<body style="margin:0;background:#f5f5f7">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;background:#ffffff;border-radius:12px">
<tr><td style="padding:32px;font:16px/1.55 Helvetica,Arial,sans-serif;color:#17171c">
${body}
</td></tr></table>
<p style="max-width:560px;margin:16px auto;font:13px/1.5 Helvetica,Arial,sans-serif;color:#5c5c68">${why}
{% if unsubscribe_url %}<br><a href="{{ unsubscribe_url }}" style="color:#5c5c68">${unsubscribe}</a>{% endif %}</p>
</td></tr></table>
</body></html>`;
}

/** The text part around a body. */
export function wrapText(body: string, locale: Locale): string {
  const { unsubscribe, why } = WORDS[locale];
  return `${body}\n\n-- \n${why}{% if unsubscribe_url %}\n${unsubscribe}: {{ unsubscribe_url }}{% endif %}\n`;
}
