import { h } from './dom.js';
import { pages } from './pages.js';
import { meter } from './progress.js';
import { showTime, words } from './words.js';

/** All campaigns, newest first, page by page. */
export async function campaignList() {
  const list = h('ul', { class: 'list' });
  const { some, more } = await pages('/admin/campaigns', (campaign) => list.append(row(campaign)));
  const head = h(
    'div',
    { class: 'head' },
    h('h1', {}, words.campaigns),
    h('a', { class: 'button', href: '#/campaigns/new' }, words.newCampaign),
  );
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
