import { api } from './api.js';
import { fill, h } from './dom.js';
import { table } from './table.js';
import { explain, showTime, words } from './words.js';

/** Every message: the failed ones first of all, or one user's history. */
export async function deliveryList() {
  const user = h('input', { type: 'search', name: 'user', 'aria-label': words.userHint, placeholder: words.userHint });
  const state = h(
    'select',
    { name: 'state', 'aria-label': words.state },
    ['failed', 'pending', 'sent', 'skipped', ''].map((value) => h('option', { value }, words[value] ?? words.anyState)),
  );
  const list = h('div', { 'aria-live': 'polite' });

  const retry = async ({ id }, cell) => {
    try {
      await api('POST', `/admin/deliveries/${id}/retry`);
      fill(cell, words.pending);
    } catch (error) {
      fill(cell, explain(error));
    }
  };

  const columns = [
    [words.user, ({ address, userId }) => h('a', { href: `#/users/${userId}` }, address ?? userId)],
    [
      words.message,
      ({ template, campaignId }) =>
        campaignId ? h('a', { href: `#/campaigns/${campaignId}` }, words.campaign) : template,
    ],
    [words.channels, ({ channel }) => words.channelNames[channel] ?? channel],
    [words.state, (item) => stateOf(item, retry)],
    [words.answer, answerOf],
    [words.since, ({ createdAt }) => showTime(createdAt)],
  ];

  async function load() {
    const query = new URLSearchParams();
    if (state.value) query.set('state', state.value);
    if (user.value.trim()) query.set('user', user.value.trim());
    try {
      list.replaceChildren(await table(`/admin/deliveries?${query}`, columns, words.noDeliveries));
    } catch (error) {
      list.replaceChildren(h('p', { role: 'alert' }, explain(error)));
    }
  }
  const submit = (event) => {
    event.preventDefault();
    void load();
  };
  const form = h(
    'form',
    { class: 'filter', onsubmit: submit, onchange: () => void load() },
    user,
    state,
    h('button', {}, words.show),
  );
  await load();
  return { element: h('section', {}, h('div', { class: 'head' }, h('h1', {}, words.deliveries)), form, list) };
}

/** Why a delivery stands where it does, and what the mail server said. */
export function answerOf({ response, reason }) {
  return [reason && (words.reasons[reason] ?? reason), response].filter(Boolean).join(': ');
}

function stateOf(item, retry) {
  const cell = h('span', {}, h('span', { class: `badge ${item.state}` }, words[item.state]));
  if (item.state === 'failed' && !item.campaignId)
    cell.append(' ', h('button', { class: 'quiet small', onclick: () => void retry(item, cell) }, words.retry));
  return cell;
}
