import { field, h } from './dom.js';
import { language, words } from './words.js';

/** Languages messages are written in. */
export const LOCALES = ['en', 'ru'];

/** The fields of one language's text; `summary` adds the inbox text. */
export function textFields(locale, text, { summary: withSummary = false, bodyHint = words.bodyHint } = {}) {
  const subject = h('input', { name: `subject-${locale}`, value: text?.subject ?? '', maxlength: 200, lang: locale });
  const body = h('textarea', {
    name: `body-${locale}`,
    value: text?.body ?? '',
    maxlength: 20_000,
    lang: locale,
    spellcheck: 'true',
  });
  const summary =
    withSummary &&
    h('input', { name: `summary-${locale}`, value: text?.summary ?? '', maxlength: 1_000, lang: locale });
  const panel = h(
    'fieldset',
    {
      role: 'tabpanel',
      id: `text-${locale}`,
      'aria-labelledby': `tab-${locale}`,
      'data-locale': locale,
      hidden: locale !== language,
    },
    field(words.subject, subject, words.fallback),
    summary && field(words.inboxText, summary, words.inboxTextHint),
    field(words.body, body, bodyHint),
  );
  const value = () => ({
    subject: subject.value,
    ...(summary && summary.value.trim() && { summary: summary.value }),
    body: body.value,
  });
  const fill = (next) => {
    subject.value = next?.subject ?? '';
    if (summary) summary.value = next?.summary ?? '';
    body.value = next?.body ?? '';
  };
  return { subject, body, panel, value, fill };
}

/** Tabs as ARIA wants them: arrows move between them, one is in the tab order. */
export function tabList(onChoose) {
  const tabs = LOCALES.map((locale) =>
    h(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: `tab-${locale}`,
        'aria-controls': `text-${locale}`,
        'aria-selected': String(locale === language),
        tabindex: locale === language ? 0 : -1,
        onclick: () => choose(locale),
      },
      words[locale],
    ),
  );
  function choose(locale) {
    tabs.forEach((tab, index) => {
      const chosen = LOCALES[index] === locale;
      tab.setAttribute('aria-selected', String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      if (chosen) tab.focus();
    });
    onChoose(locale);
  }
  const onKey = ({ key }) => {
    if (key !== 'ArrowRight' && key !== 'ArrowLeft') return;
    const now = tabs.findIndex((tab) => tab.getAttribute('aria-selected') === 'true');
    choose(LOCALES[(now + (key === 'ArrowRight' ? 1 : LOCALES.length - 1)) % LOCALES.length]);
  };
  return h('div', { role: 'tablist', 'aria-label': words.body, onkeydown: onKey }, tabs);
}
