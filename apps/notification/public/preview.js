import { h } from './dom.js';
import { words } from './words.js';

/** How one language's text looks in the inbox and in the mail. The mail is in a frame that may run and load nothing. */
export function previewOf({ subject, summary, html }) {
  return h(
    'div',
    {},
    h('h3', {}, words.inInbox),
    h('div', { class: 'inbox' }, h('strong', {}, subject), summary),
    h('h3', {}, words.inMail),
    h('p', { class: 'subject' }, subject),
    h('iframe', { title: words.inMail, sandbox: '', srcdoc: html }),
  );
}
