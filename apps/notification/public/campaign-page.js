import { api, download } from './api.js';
import { actionsFor } from './campaign-actions.js';
import { confirmed, fill, h } from './dom.js';
import { previewOf } from './preview.js';
import { figures, meter } from './progress.js';
import { explain, showTime, words } from './words.js';

const REFRESH_MS = 1_000;

/** One campaign: what it says, what can be done with it, and how far it has come, live. */
export async function campaignPage(id) {
  const state = h('div', {});
  const note = h('p', { role: 'status', hidden: true });
  const fault = h('p', { role: 'alert', hidden: true });
  const actions = h('div', { class: 'actions' });
  let campaign;
  let timer;
  let stopped = false;

  function tell(element, text) {
    for (const one of [note, fault]) one.hidden = one !== element;
    element.textContent = text;
  }

  async function act(path, body) {
    note.hidden = fault.hidden = true;
    try {
      const answer = await api('POST', `/admin/campaigns/${id}/${path}`, body);
      if (path !== 'test') draw(answer);
      else if (answer.state === 'sent') tell(note, words.testSent);
      else tell(fault, answer.detail);
    } catch (error) {
      if (error.code === 'campaign.confirmation_needed') {
        const again = { title: words.startTitle, text: words.confirmAgain, yes: words.yes, no: words.no };
        return (await confirmed(again)) ? act(path, { confirm: true }) : follow();
      }
      tell(fault, explain(error));
    }
    follow();
  }

  async function results() {
    note.hidden = fault.hidden = true;
    await download(`/admin/campaigns/${id}/results.csv`, 'results.csv').catch((error) => tell(fault, explain(error)));
  }

  function draw(next) {
    // Buttons that still fit stay as they are: a keyboard keeps its place while the figures move.
    if (campaign?.status !== next.status || campaign.revision !== next.revision)
      fill(actions, actionsFor(next, act, results));
    campaign = next;
    const { status, progress, scheduledFor, approvedBy } = next;
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
      scheduledFor &&
        status === 'scheduled' &&
        h('p', { class: 'muted' }, `${words.scheduledFor}: ${showTime(scheduledFor)}`),
      approvedBy && h('p', { class: 'good' }, words.approved),
    );
  }

  function follow() {
    clearTimeout(timer);
    if (stopped || !['running', 'scheduled', 'cancelled'].includes(campaign.status) || campaign.finishedAt) return;
    timer = setTimeout(() => {
      api('GET', `/admin/campaigns/${id}`)
        .then((next) => JSON.stringify(next) === JSON.stringify(campaign) || draw(next))
        .catch(() => undefined)
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
    note,
    fault,
    h('div', { class: 'card' }, state, actions),
    h('div', { class: 'columns' }, texts),
  );
  return { element, stop: () => ((stopped = true), clearTimeout(timer)) };
}
