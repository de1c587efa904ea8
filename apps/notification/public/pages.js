import { api } from './api.js';
import { h } from './dom.js';
import { words } from './words.js';

/**
 * A list of the API, page by page. `show` puts an item on the page. Resolves when the first page is there: `some` tells whether it
 * has items, `more` is the button that asks for the next.
 */
export async function pages(path, show) {
  const more = h('button', { class: 'quiet', onclick: () => void load() }, words.more);
  const join = path.includes('?') ? '&' : '?';
  let cursor = '';

  async function load() {
    const { items, nextCursor } = await api(
      'GET',
      `${path}${join}limit=50${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    items.forEach(show);
    cursor = nextCursor ?? '';
    more.hidden = !nextCursor;
    return items.length;
  }

  return { some: (await load()) > 0, more };
}
