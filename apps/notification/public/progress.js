import { h } from './dom.js';
import { showNumber, words } from './words.js';

/** A bar of what was sent, failed and skipped. */
export function meter({ total, sent, failed, skipped }) {
  const share = (count) => `width:${total === 0 ? 0 : (100 * count) / total}%`;
  const done = total === 0 ? 0 : Math.floor((100 * (sent + failed + skipped)) / total);
  return h(
    'span',
    {
      class: 'meter',
      role: 'progressbar',
      'aria-valuemin': 0,
      'aria-valuemax': 100,
      'aria-valuenow': done,
      'aria-label': words.progress,
    },
    h('i', { class: 'sent', style: share(sent) }),
    h('i', { class: 'failed', style: share(failed) }),
    h('i', { class: 'skipped', style: share(skipped) }),
  );
}

/** The same as numbers. */
export function figures(progress) {
  const names = ['total', 'pending', 'sent', 'failed', 'skipped'];
  return h(
    'dl',
    { class: 'figures' },
    names.map((name) =>
      h('div', {}, h('dt', {}, words[name]), h('dd', { 'data-figure': name }, showNumber(progress[name]))),
    ),
  );
}
