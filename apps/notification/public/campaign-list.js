import { api } from './api.js';
import { h } from './dom.js';
import { meter } from './progress.js';
import { showTime, words } from './words.js';

/** All campaigns, newest first, page by page. */
export async function campaignList() {
  const list = h('ul', { class: 'list' });
  const more = h('button', { class: 'quiet', onclick: () => void load() }, words.more);
  let cursor = '';

  async function load() {
    const { items, nextCursor } = await api('GET', `/admin/campaigns?limit=50${cursor && `&cursor=${cursor}`}`);
    list.append(...items.map(row));
    cursor = nextCursor ? encodeURIComponent(nextCursor) : '';
    more.hidden = !nextCursor;
    return items.length;
  }
  const head = h(
    'div',
    { class: 'head' },
    h('h1', {}, words.campaigns),
    h('a', { class: 'button', href: '#/campaigns/new' }, words.newCampaign),
  );
  const some = (await load()) > 0;
  return { element: h('section', {}, head, some ? [list, more] : h('p', { class: 'empty' }, words.noCampaigns)) };
}

function row({ id, name, status, createdAt, progress }) {
  return h(
    'li',
    {},
    h(
      'a',
      { class: 'item', href: `#/campaigns/${id}` },
      h('span', {}, h('strong', {}, name), h('br'), h('span', { class: 'muted' }, showTime(createdAt))),
      h('span', { class: `badge ${status}` }, words.status[status] ?? status),
      progress.total > 0 && meter(progress),
    ),
  );
}
