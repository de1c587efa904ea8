import { confirmed, h } from './dom.js';
import { language, words } from './words.js';

const DONE = ['done', 'partly_failed', 'cancelled'];

/** The buttons that fit where the campaign stands. */
export function actionsFor({ id, status, revision }, act, results) {
  const button = (text, onclick, kind) => h('button', { onclick: () => void onclick(), class: kind }, text);
  const sure = (title, text, yes) => confirmed({ title, text, yes, no: words.no });
  const start = async () => (await sure(words.startTitle, words.startText, words.yes)) && act('start');
  const cancel = async () => (await sure(words.cancel, words.cancelText, words.cancel)) && act('cancel');
  return [
    status === 'draft' && button(words.start, start),
    status === 'draft' && later(act),
    status === 'draft' && h('a', { class: 'button quiet', href: `#/campaigns/${id}/edit` }, words.edit),
    status === 'draft' && button(words.approve, () => act('approve', { revision }), 'quiet'),
    status === 'draft' && button(words.test, () => act('test', { locale: language }), 'quiet'),
    status === 'scheduled' && button(words.unschedule, () => act('cancel'), 'quiet'),
    status === 'running' && button(words.pause, () => act('pause')),
    status === 'paused' && button(words.resume, () => act('resume')),
    ['running', 'paused'].includes(status) && button(words.cancel, cancel, 'danger'),
    status === 'partly_failed' && button(words.retryFailed, () => act('retry-failed')),
    DONE.includes(status) && button(words.results, results, 'quiet'),
  ];
}

/** A time in the reader's own zone, and the button that sets it. */
function later(act) {
  const time = h('input', { type: 'datetime-local', name: 'startAt', 'aria-label': words.schedule, required: true });
  const submit = (event) => {
    event.preventDefault();
    void act('schedule', { startAt: new Date(time.value).toISOString() });
  };
  return h('form', { class: 'later', onsubmit: submit }, time, h('button', { class: 'quiet' }, words.schedule));
}
