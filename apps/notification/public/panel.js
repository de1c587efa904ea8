import { signedIn, signOut } from './api.js';
import { campaignList } from './campaign-list.js';
import { campaignPage } from './campaign-page.js';
import { composer } from './composer.js';
import { deadLetterList, deadLetterPage, deadLetterQueues } from './dead-letter-list.js';
import { deliveryList } from './delivery-list.js';
import { h } from './dom.js';
import { signInForm } from './sign-in.js';
import { suppressionList } from './suppression-list.js';
import { templateEditor } from './template-editor.js';
import { templateList } from './template-list.js';
import { userList } from './user-list.js';
import { userPage } from './user-page.js';
import { explain, language, words } from './words.js';

const root = document.querySelector('#panel');
let leave = () => undefined;

/** Address after `#` -> what to show. A view is an element and how to leave it. */
const ROUTES = [
  [/^#\/campaigns\/new$/, () => composer()],
  [/^#\/campaigns\/([\w-]+)\/edit$/, (id) => composer(id)],
  [/^#\/deliveries$/, () => deliveryList()],
  [/^#\/templates$/, () => templateList()],
  [/^#\/templates\/([\w-]+)$/, (key) => templateEditor(key)],
  [/^#\/dead-letters$/, () => deadLetterQueues()],
  [/^#\/dead-letters\/([\w.-]+)$/, (consumer) => deadLetterList(consumer)],
  [/^#\/dead-letters\/([\w.-]+)\/([\w%.-]+)$/, (consumer, id) => deadLetterPage(consumer, id)],
  [/^#\/users$/, () => userList()],
  [/^#\/users\/([\w-]+)$/, (id) => userPage(id)],
  [/^#\/suppressions$/, () => suppressionList()],
  [/^#\/campaigns\/([\w-]+)$/, (id) => campaignPage(id)],
  [/.*/, () => campaignList()],
];

const PAGES = ['campaigns', 'templates', 'deliveries', 'users', 'suppressions', 'dead-letters'];

function link(name) {
  const here = location.hash.startsWith(`#/${name}`) || (name === 'campaigns' && !location.hash);
  return h('a', { href: `#/${name}`, 'aria-current': here && 'page' }, words[name]);
}

function bar() {
  const other = language === 'ru' ? 'en' : 'ru';
  return h(
    'header',
    { class: 'bar' },
    h('a', { class: 'brand', href: '#/campaigns' }, words.title),
    h('nav', { 'aria-label': words.title }, PAGES.map(link)),
    h(
      'a',
      { href: `?lang=${other}${location.hash}`, hreflang: other, lang: other },
      other === 'ru' ? 'Русский' : 'English',
    ),
    h('button', { class: 'quiet', onclick: () => signOut().then(show) }, words.signOut),
  );
}

/** Draws what the address asks for. */
async function show() {
  leave();
  leave = () => undefined;
  if (!signedIn()) return root.replaceChildren(signInForm(show));
  const view = h('div', { 'aria-live': 'polite', 'aria-busy': 'true' });
  root.replaceChildren(bar(), view);
  const [pattern, make] = ROUTES.find(([route]) => route.test(location.hash));
  try {
    const { element, stop } = await make(...(pattern.exec(location.hash) ?? []).slice(1));
    leave = stop ?? leave;
    view.replaceChildren(element);
  } catch (error) {
    if (!signedIn()) return root.replaceChildren(signInForm(show));
    view.replaceChildren(h('p', { role: 'alert' }, explain(error)));
  } finally {
    view.removeAttribute('aria-busy');
  }
}

addEventListener('hashchange', () => void show());
await show();
