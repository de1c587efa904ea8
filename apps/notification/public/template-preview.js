import { api } from './api.js';
import { field, fill, h } from './dom.js';
import { textFaultIn } from './faults.js';
import { previewOf } from './preview.js';
import { templateWords as words } from './template-words.js';
import { explain, language, words as common } from './words.js';

const DELAY_MS = 400;

/** The text as its readers see it, following the writing: with samples or as a chosen user, on a computer or a phone. */
export function templatePreview(path, asked) {
  const user = h('input', { type: 'search', name: 'preview-user', maxlength: 254 });
  const shown = h('div', { 'aria-live': 'polite' });
  const width = h(
    'select',
    { name: 'preview-width', onchange: () => shown.classList.toggle('phone', width.value === 'phone') },
    ['desktop', 'phone'].map((value) => h('option', { value }, words[value])),
  );
  let timer;
  let turn = 0;

  async function now() {
    clearTimeout(timer);
    const mine = ++turn;
    const { text, locale } = asked();
    if (!text.subject.trim() || !text.body.trim()) return fill(shown, h('p', { class: 'muted' }, common.previewEmpty));
    try {
      const body = { text, locale, ...(user.value.trim() && { user: user.value.trim() }) };
      const preview = await api('POST', `${path}/preview`, body);
      if (mine === turn) fill(shown, faultsOf(preview), h('p', { class: 'hint' }, basis(preview)), previewOf(preview));
    } catch (error) {
      if (mine === turn) fill(shown, h('p', { role: 'alert' }, explain(error)));
    }
  }
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void now(), DELAY_MS);
  };
  user.addEventListener('input', soon);
  const element = h(
    'aside',
    { class: 'card preview', 'aria-label': common.preview },
    h('h2', {}, common.preview),
    h('div', { class: 'grid' }, field(words.previewAs, user, words.previewAsHint), field(words.width, width)),
    shown,
  );
  return { element, now: () => void now(), soon, stop: () => clearTimeout(timer) };
}

function faultsOf({ faults }) {
  if (faults.length === 0) return undefined;
  const list = faults.map((fault) => h('li', {}, textFaultIn(fault, language)));
  return h('div', { role: 'alert', 'data-faults': faults.length }, words.faults, h('ul', {}, list));
}

function basis({ user }) {
  if (!user) return words.samples;
  return user.lastMessage ? words.lastMessage : words.noLastMessage;
}
