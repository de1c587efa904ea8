import { api } from './api.js';
import { confirmed, h } from './dom.js';
import { table } from './table.js';
import { explain, showTime, words } from './words.js';

/** Addresses that get nothing but security mail. */
export async function suppressionList() {
  const fault = h('p', { role: 'alert', hidden: true });
  const remove = async ({ id, address }, row) => {
    const sure = await confirmed({
      title: words.unsuppress,
      text: address ?? '',
      yes: words.unsuppress,
      no: words.close,
    });
    if (!sure) return;
    fault.hidden = true;
    try {
      await api('DELETE', `/admin/suppressions/${id}`);
      row.remove();
    } catch (error) {
      fault.textContent = explain(error);
      fault.hidden = false;
    }
  };
  const columns = [
    [words.address, ({ address }) => address ?? words.forgotten],
    [words.reason, ({ reason }) => words.reasons[reason] ?? reason],
    [words.answer, ({ response }) => response],
    [words.since, ({ createdAt }) => showTime(createdAt)],
    ['', (entry, row) => h('button', { class: 'quiet', onclick: () => void remove(entry, row()) }, words.unsuppress)],
  ];
  const list = await table('/admin/suppressions', columns, words.noSuppressions);
  return {
    element: h(
      'section',
      {},
      h('div', { class: 'head' }, h('h1', {}, words.suppressions)),
      h('p', { class: 'muted' }, words.suppressionsHint),
      fault,
      list,
    ),
  };
}
