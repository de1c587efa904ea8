import { api } from './api.js';
import { audienceChoice } from './audience.js';
import { field, h } from './dom.js';
import { previewOf } from './preview.js';
import { LOCALES, tabList, textFields } from './text-tabs.js';
import { explain, language, words } from './words.js';

const PREVIEW_DELAY_MS = 400;

/** The form for a new campaign or a draft, with a preview that follows the writing. */
export async function composer(id) {
  const known = id && (await api('GET', `/admin/campaigns/${id}`));
  const name = h('input', { name: 'name', required: true, maxlength: 120, value: known?.name ?? '' });
  const audience = audienceChoice(known?.audience);
  const channels = ['inbox', 'email'].map((value) =>
    h('input', { type: 'checkbox', name: 'channels', value, checked: known?.channels.includes(value) ?? true }),
  );
  const texts = Object.fromEntries(LOCALES.map((locale) => [locale, textFields(locale, known?.content[locale])]));
  const fault = h('p', { role: 'alert', hidden: true });
  const shown = h('div', { 'aria-live': 'polite' }, h('p', { class: 'muted' }, words.previewEmpty));
  let locale = language;
  let timer;
  let wanted = 0;

  const content = () => {
    const written = LOCALES.map((key) => [key, texts[key].value()]);
    return Object.fromEntries(written.filter(([, text]) => text.subject.trim() || text.body.trim()));
  };

  async function preview() {
    const turn = ++wanted;
    const text = content()[locale];
    if (!text?.subject.trim() || !text.body.trim())
      return shown.replaceChildren(h('p', { class: 'muted' }, words.previewEmpty));
    try {
      const { items } = await api('POST', '/admin/campaigns/preview', { content: { [locale]: text } });
      if (turn === wanted) shown.replaceChildren(previewOf(items[0]));
    } catch (error) {
      if (turn === wanted) shown.replaceChildren(h('p', { role: 'alert' }, explain(error)));
    }
  }

  const previewSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void preview(), PREVIEW_DELAY_MS);
  };

  async function save(event) {
    event.preventDefault();
    fault.hidden = true;
    const chosen = channels.filter(({ checked }) => checked).map(({ value }) => value);
    const body = { name: name.value, channels: chosen, audience: audience.value(), content: content() };
    try {
      const saved = await api(id ? 'PUT' : 'POST', `/admin/campaigns${id ? `/${id}` : ''}`, body);
      location.hash = `#/campaigns/${saved.id}`;
    } catch (error) {
      fault.textContent = explain(error);
      fault.hidden = false;
      fault.scrollIntoView({ block: 'center' });
    }
  }

  const panels = LOCALES.map((key) => texts[key].panel);
  const tabs = tabList((key) => {
    locale = key;
    for (const panel of panels) panel.hidden = panel.dataset.locale !== key;
    void preview();
  });
  const form = h(
    'form',
    { onsubmit: save, oninput: previewSoon, class: 'card' },
    fault,
    field(words.name, name, words.nameHint),
    h(
      'fieldset',
      {},
      h('legend', {}, words.channels),
      h('div', { class: 'choices' }, h('label', {}, channels[0], words.inbox), h('label', {}, channels[1], words.mail)),
    ),
    audience.element,
    h('div', {}, tabs, panels),
    h(
      'div',
      { class: 'actions' },
      h('button', {}, words.save),
      h('a', { class: 'button quiet', href: '#/campaigns' }, words.back),
    ),
  );
  const aside = h('aside', { class: 'card preview', 'aria-label': words.preview }, h('h2', {}, words.preview), shown);
  const element = h(
    'section',
    {},
    h('div', { class: 'head' }, h('h1', {}, known?.name ?? words.newCampaign)),
    h('div', { class: 'columns' }, form, aside),
  );
  void preview();
  return { element, stop: () => (clearTimeout(timer), audience.stop()) };
}
