import { api } from './api.js';
import { h } from './dom.js';
import { meter } from './progress.js';
import { showTime, words } from './words.js';

/** All campaigns, newest first. */
export async function campaignList() {
  const { items } = await api('GET', '/admin/campaigns?limit=50');
  const head = h(
    'div',
    { class: 'head' },
    h('h1', {}, words.campaigns),
    h('a', { class: 'button', href: '#/campaigns/new' }, words.newCampaign),
  );
  const list =
    items.length > 0 ? h('ul', { class: 'list' }, items.map(row)) : h('p', { class: 'empty' }, words.noCampaigns);
  return { element: h('section', {}, head, list) };
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
