import { confirmed, fill, h } from './dom.js';
import { table } from './table.js';
import { templateWords as words } from './template-words.js';
import { showTime, words as common } from './words.js';

/** Everything that was ever sent under a template's name; each version can be looked at and brought back. */
export function templateHistory(path, { look, rollBack }) {
  const element = h('div', {});

  async function load(current) {
    const bringBack = async ({ version }) => {
      const text = words.publishText;
      if (await confirmed({ title: words.rollBackTitle, text, yes: words.rollBack, no: common.no })) rollBack(version);
    };
    const buttons = (item) =>
      h(
        'span',
        { class: 'actions' },
        h('button', { class: 'quiet small', onclick: () => look(item) }, words.view),
        item.version !== current &&
          h('button', { class: 'quiet small', onclick: () => void bringBack(item) }, words.rollBack),
      );
    const columns = [
      [common.message, ({ version }) => (version === 0 ? words.starter : words.version(version))],
      [common.since, ({ publishedAt }) => (publishedAt ? showTime(publishedAt) : '')],
      [common.user, ({ publishedBy, publishedByAddress }) => publishedByAddress ?? publishedBy ?? ''],
      [common.state, (item) => standing(item, current)],
      ['', buttons],
    ];
    fill(element, await table(`${path}/versions`, columns, ''));
  }
  return { element, load };
}

function standing({ version, restored }, current) {
  const parts = [version === current && words.now, restored !== null && words.restored(restored)];
  return parts.filter(Boolean).join(', ');
}
