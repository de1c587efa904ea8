import { api } from './api.js';
import { fill, h } from './dom.js';
import { words } from './words.js';

/** A list of the API as a table with a "more" button. A column is its title and what to show of an item. */
export async function table(path, columns, empty) {
  const body = h('tbody', {});
  const more = h('button', { class: 'quiet' }, words.more);
  const join = path.includes('?') ? '&' : '?';
  let cursor = '';

  async function load() {
    const { items, nextCursor } = await api(
      'GET',
      `${path}${join}limit=50${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    for (const item of items) {
      const row = h('tr', {});
      body.append(
        fill(
          row,
          columns.map(([title, show]) =>
            h(
              'td',
              { 'data-title': title },
              show(item, () => row),
            ),
          ),
        ),
      );
    }
    cursor = nextCursor ?? '';
    more.hidden = !nextCursor;
    return items.length;
  }
  more.addEventListener('click', () => void load());

  if ((await load()) === 0) return h('p', { class: 'empty' }, empty);
  const head = h(
    'thead',
    {},
    h(
      'tr',
      {},
      columns.map(([title]) => h('th', { scope: 'col' }, title)),
    ),
  );
  return h('div', { class: 'card scroll' }, h('table', {}, head, body), more);
}
