import { api } from './api.js';
import { answerOf } from './delivery-list.js';
import { h } from './dom.js';
import { table } from './table.js';
import { standing } from './user-list.js';
import { showTime, words } from './words.js';

/** One user: who it is, and every message with what came of it. */
export async function userPage(id) {
  const user = await api('GET', `/admin/users/${id}`);
  const columns = [
    [words.since, ({ createdAt }) => showTime(createdAt)],
    [words.message, nameOf],
    [words.inbox, ({ deliveries, readAt }) => outcome(deliveries, 'inbox', readAt ? words.read : words.unread)],
    [words.mail, ({ deliveries }) => outcome(deliveries, 'email')],
    [words.webhooks, webhooksOf],
  ];
  const facts = [
    standing(user),
    words[user.locale] ?? user.locale,
    ...user.roles.map((role) => words.roles[role] ?? role),
    user.registeredAt && `${words.registered}: ${showTime(user.registeredAt)}`,
    user.lastSeenAt && `${words.lastSeen}: ${showTime(user.lastSeenAt)}`,
  ];
  const list = await table(`/admin/users/${id}/messages`, columns, words.noMessages);
  return {
    element: h(
      'section',
      {},
      h('p', {}, h('a', { href: '#/users' }, `← ${words.allUsers}`)),
      h('div', { class: 'head' }, h('h1', {}, user.address ?? words.forgotten)),
      h('p', { class: 'muted' }, facts.filter(Boolean).join(' · ')),
      h('p', { class: 'muted' }, user.id),
      h('h2', {}, words.messages),
      list,
    ),
  };
}

/** What the inbox says; mail keeps no words, so the name of its template stands for it. */
function nameOf({ title, template, campaignId }) {
  const name = title ?? template ?? words.campaign;
  return campaignId ? h('a', { href: `#/campaigns/${campaignId}` }, name) : name;
}

function webhooksOf({ deliveries }) {
  const channels = deliveries.map(({ channel }) => channel).filter((channel) => channel.startsWith('webhook:'));
  const parts = channels.map((channel) => [channel.slice('webhook:'.length), ' ', outcome(deliveries, channel)]);
  return parts.length > 0 ? h('div', {}, ...parts.flat()) : '–';
}

function outcome(deliveries, channel, seen) {
  const delivery = deliveries.find((one) => one.channel === channel);
  if (!delivery) return '–';
  const { state } = delivery;
  const more = [answerOf(delivery), state === 'sent' && seen].filter(Boolean).join(' · ');
  return h('div', {}, h('span', { class: `badge ${state}` }, words[state]), more && ` ${more}`);
}
