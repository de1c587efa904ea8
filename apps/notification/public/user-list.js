import { h } from './dom.js';
import { table } from './table.js';
import { explain, showTime, words } from './words.js';

/** Users by address or id. */
export async function userList() {
  const search = h('input', {
    type: 'search',
    name: 'search',
    maxlength: 254,
    'aria-label': words.usersHint,
    placeholder: words.usersHint,
  });
  const list = h('div', { 'aria-live': 'polite' });
  const columns = [
    [words.user, ({ id, address }) => h('a', { href: `#/users/${id}` }, address ?? words.forgotten)],
    [words.state, (user) => standing(user)],
    [words.locale, ({ locale }) => words[locale] ?? locale ?? ''],
    [words.registered, ({ registeredAt }) => registeredAt && showTime(registeredAt)],
  ];

  async function load() {
    try {
      const query = new URLSearchParams({ search: search.value.trim() });
      list.replaceChildren(await table(`/admin/users?${query}`, columns, words.noUsers));
    } catch (error) {
      list.replaceChildren(h('p', { role: 'alert' }, explain(error)));
    }
  }
  const submit = (event) => {
    event.preventDefault();
    void load();
  };
  const form = h('form', { class: 'filter two', onsubmit: submit }, search, h('button', {}, words.find));
  await load();
  return { element: h('section', {}, h('div', { class: 'head' }, h('h1', {}, words.users)), form, list) };
}

/** Whether the user can be written to. */
export function standing({ deletedAt, blocked, verified }) {
  if (deletedAt) return words.forgotten;
  if (blocked) return words.blocked;
  return verified ? words.verified : words.notVerified;
}
