import { api } from './api.js';
import { h } from './dom.js';
import { templateWords as words } from './template-words.js';
import { language, showTime, words as common } from './words.js';

/** Every message the service sends by itself, by what it is about. */
export async function templateList() {
  const { items } = await api('GET', '/admin/templates');
  const classes = Object.keys(words.classes).filter((name) => items.some((item) => item.class === name));
  return {
    element: h(
      'section',
      {},
      h('div', { class: 'head' }, h('h1', {}, common.templates)),
      h('p', { class: 'muted' }, words.hint),
      classes.flatMap((name) => [
        h('h2', {}, words.classes[name]),
        h('ul', { class: 'list' }, items.filter((item) => item.class === name).map(row)),
      ]),
    ),
  };
}

function row({ key, version, publishedAt, subjects, hasDraft, broken }) {
  const standing = version === 0 ? words.starter : `${words.version(version)}, ${showTime(publishedAt)}`;
  return h(
    'li',
    {},
    h(
      'a',
      { class: 'item', href: `#/templates/${key}` },
      h(
        'span',
        {},
        h('strong', {}, subjects[language] ?? subjects.en),
        h('br'),
        h('span', { class: 'muted' }, `${key} · ${standing}`),
      ),
      h(
        'span',
        { class: 'choices' },
        hasDraft && h('span', { class: 'badge running' }, words.draft),
        broken && h('span', { class: 'badge failed' }, common.failed),
      ),
    ),
  );
}
