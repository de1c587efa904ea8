import { fill, h } from './dom.js';
import { pages } from './pages.js';

/** A list of the API as a table with a "more" button. A column is its title and what to show of an item. */
export async function table(path, columns, empty) {
  const body = h('tbody', {});
  const { some, more } = await pages(path, (item) => {
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
  });
  if (!some) return h('p', { class: 'empty' }, empty);
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
