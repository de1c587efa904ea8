import { api, isSuperUser } from './api.js';
import { confirmed, h, reasonFor } from './dom.js';
import { table } from './table.js';
import { explain, showNumber, showTime, words } from './words.js';

/** How many events each consumer could not deal with. */
export async function deadLetterQueues() {
  const { items } = await api('GET', '/admin/dead-letters');
  const row = ({ consumer, messages }) =>
    h(
      'li',
      {},
      h(
        'a',
        { class: 'item', href: `#/dead-letters/${consumer}` },
        h('strong', {}, consumer),
        h('span', { class: `badge ${messages > 0 ? 'failed' : 'sent'}` }, showNumber(messages)),
      ),
    );
  return {
    element: h(
      'section',
      {},
      h('div', { class: 'head' }, h('h1', {}, words['dead-letters'])),
      h('p', { class: 'muted' }, words.deadLettersHint),
      h('ul', { class: 'list' }, items.map(row)),
    ),
  };
}

/** What one consumer could not deal with, oldest first. */
export async function deadLetterList(consumer) {
  const columns = [
    [words.since, ({ deadAt }) => deadAt && showTime(deadAt)],
    [
      words.event,
      ({ id, name }) => h('a', { href: `#/dead-letters/${consumer}/${encodeURIComponent(id)}` }, name ?? id),
    ],
    [words.reason, ({ reason, error }) => [reason, error].filter(Boolean).join(': ')],
    [words.tries, ({ attempt }) => showNumber(attempt)],
  ];
  const list = await table(`/admin/dead-letters/${consumer}`, columns, words.noDeadLetters);
  return {
    element: h(
      'section',
      {},
      h('p', {}, h('a', { href: '#/dead-letters' }, `← ${words['dead-letters']}`)),
      h('div', { class: 'head' }, h('h1', {}, consumer), list.matches('.empty') ? undefined : acts(consumer, '', true)),
      list,
    ),
  };
}

/** One event: what it says, why it is here, and what can be done with it. */
export async function deadLetterPage(consumer, id) {
  const letter = await api('GET', `/admin/dead-letters/${consumer}/${id}`);
  const { name, reason, error, attempt, deadAt, body } = letter;
  const facts = [deadAt && showTime(deadAt), `${words.tries}: ${showNumber(attempt)}`];
  return {
    element: h(
      'section',
      {},
      h('p', {}, h('a', { href: `#/dead-letters/${consumer}` }, `← ${consumer}`)),
      h('div', { class: 'head' }, h('h1', {}, name ?? letter.id), acts(consumer, `/${id}`, false)),
      h('p', {}, [reason, error].filter(Boolean).join(': ')),
      h('p', { class: 'muted' }, facts.filter(Boolean).join(' · ')),
      h('pre', { class: 'card', tabindex: 0 }, pretty(body)),
    ),
  };
}

function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

/** Buttons for one (`path` is its id) or all; what was done leads back to the list. */
function acts(consumer, path, all) {
  const fault = h('p', { role: 'alert', hidden: true });
  const act = async (name, body) => {
    fault.hidden = true;
    try {
      await api('POST', `/admin/dead-letters/${consumer}${path}/${name}`, body);
      if (location.hash === `#/dead-letters/${consumer}`) dispatchEvent(new HashChangeEvent('hashchange'));
      else location.hash = `#/dead-letters/${consumer}`;
    } catch (error) {
      fault.textContent = explain(error);
      fault.hidden = false;
    }
  };
  const redriveWord = all ? words.redriveAll : words.redrive;
  const redrive = async () => {
    const sure = { title: redriveWord, text: words.redriveText, yes: redriveWord, no: words.no };
    if (!all || (await confirmed(sure))) await act('redrive');
  };
  const discardWord = all ? words.discardAll : words.discard;
  const discard = async () => {
    const asked = { title: discardWord, text: words.discardText, label: words.reason, yes: discardWord, no: words.no };
    const reason = await reasonFor(asked);
    if (reason) await act('discard', { reason });
  };
  return h(
    'div',
    { class: 'actions' },
    h('button', { onclick: () => void redrive() }, redriveWord),
    isSuperUser() && h('button', { class: 'danger', onclick: () => void discard() }, discardWord),
    fault,
  );
}
