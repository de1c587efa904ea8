import { api } from './api.js';
import { confirmed, fill, h } from './dom.js';
import { previewOf } from './preview.js';
import { figures, meter } from './progress.js';
import { explain, showTime, words } from './words.js';

const REFRESH_MS = 1_000;

/** One campaign: what it says, and how far it has come, live. */
export async function campaignPage(id) {
  const state = h('div', {});
  const fault = h('p', { role: 'alert', hidden: true });
  let campaign;
  let timer;
  let stopped = false;

  async function act(path) {
    fault.hidden = true;
    try {
      draw(await api('POST', `/admin/campaigns/${id}/${path}`));
    } catch (error) {
      fault.textContent = explain(error);
      fault.hidden = false;
    }
    follow();
  }

  async function start() {
    const sure = await confirmed({ title: words.startTitle, text: words.startText, yes: words.yes, no: words.no });
    if (sure) await act('start');
  }

  function draw(next) {
    campaign = next;
    const { status, progress } = next;
    fill(
      state,
      h(
        'div',
        { class: 'head' },
        h('h2', {}, words.progress),
        h('span', { class: `badge ${status}`, 'data-status': status }, words.status[status] ?? status),
      ),
      meter(progress),
      figures(progress),
      status === 'draft' && h('p', { class: 'actions' }, h('button', { onclick: start }, words.start)),
    );
  }

  function follow() {
    clearTimeout(timer);
    if (stopped || campaign.status !== 'running') return;
    timer = setTimeout(() => {
      api('GET', `/admin/campaigns/${id}`)
        .then(draw, () => undefined)
        .finally(follow);
    }, REFRESH_MS);
  }

  draw(await api('GET', `/admin/campaigns/${id}`));
  const { items } = await api('POST', '/admin/campaigns/preview', { content: campaign.content });
  follow();
  const texts = items.map((preview) =>
    h('article', { class: 'card', lang: preview.locale }, h('h2', {}, words[preview.locale]), previewOf(preview)),
  );
  const element = h(
    'section',
    {},
    h('p', {}, h('a', { href: '#/campaigns' }, `← ${words.back}`)),
    h(
      'div',
      { class: 'head' },
      h('h1', {}, campaign.name),
      h('span', { class: 'muted' }, `${words.created}: ${showTime(campaign.createdAt)}`),
    ),
    fault,
    h('div', { class: 'card' }, state),
    h('div', { class: 'columns' }, texts),
  );
  return { element, stop: () => ((stopped = true), clearTimeout(timer)) };
}
