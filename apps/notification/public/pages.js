import { api } from './api.js';
import { h } from './dom.js';
import { explain, words } from './words.js';

/**
 * A list of the API, page by page. `show` puts an item on the page. Resolves when the first page is there: `some` tells whether it
 * has items, `more` asks for the next.
 */
export async function pages(path, show) {
  const fault = h('p', { role: 'alert', hidden: true });
  const button = h('button', { class: 'quiet', onclick: () => void next() }, words.more);
  const join = path.includes('?') ? '&' : '?';
  let cursor = '';

  async function load() {
    const { items, nextCursor } = await api(
      'GET',
      `${path}${join}limit=50${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    items.forEach(show);
    cursor = nextCursor ?? '';
    button.hidden = !nextCursor;
    return items.length;
  }

  async function next() {
    fault.hidden = true;
    try {
      await load();
    } catch (error) {
      fault.textContent = explain(error);
      fault.hidden = false;
    }
  }

  return { some: (await load()) > 0, more: h('div', {}, fault, button) };
}
