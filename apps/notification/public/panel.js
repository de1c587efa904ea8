import { signedIn, signIn, signOut } from './api.js';
import { campaignList } from './campaign-list.js';
import { campaignPage } from './campaign-page.js';
import { composer } from './composer.js';
import { deliveryList } from './delivery-list.js';
import { field, h } from './dom.js';
import { suppressionList } from './suppression-list.js';
import { templateEditor } from './template-editor.js';
import { templateList } from './template-list.js';
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
  [/^#\/suppressions$/, () => suppressionList()],
  [/^#\/campaigns\/([\w-]+)$/, (id) => campaignPage(id)],
  [/.*/, () => campaignList()],
];

const PAGES = ['campaigns', 'templates', 'deliveries', 'suppressions'];

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

function signInForm() {
  const fault = h('p', { role: 'alert', hidden: true });
  const email = h('input', { type: 'email', name: 'email', autocomplete: 'username', required: true });
  const password = h('input', { type: 'password', name: 'password', autocomplete: 'current-password', required: true });
  const submit = async (event) => {
    event.preventDefault();
    fault.hidden = true;
    try {
      await signIn(email.value, password.value);
      await show();
    } catch (error) {
      fault.textContent = error.status === 401 ? words.wrongPassword : explain(error);
      fault.hidden = false;
    }
  };
  return h(
    'section',
    { class: 'sign-in' },
    h('h1', {}, words.signIn),
    h('p', { class: 'muted' }, words.signInHint),
    fault,
    h(
      'form',
      { onsubmit: submit },
      field(words.email, email),
      field(words.password, password),
      h('button', {}, words.signIn),
    ),
  );
}

/** Draws what the address asks for. */
async function show() {
  leave();
  leave = () => undefined;
  if (!signedIn()) return root.replaceChildren(signInForm());
  const view = h('div', { 'aria-live': 'polite', 'aria-busy': 'true' });
  root.replaceChildren(bar(), view);
  const [pattern, make] = ROUTES.find(([route]) => route.test(location.hash));
  try {
    const { element, stop } = await make(...(pattern.exec(location.hash) ?? []).slice(1));
    leave = stop ?? leave;
    view.replaceChildren(element);
  } catch (error) {
    if (!signedIn()) return root.replaceChildren(signInForm());
    view.replaceChildren(h('p', { role: 'alert' }, explain(error)));
  } finally {
    view.removeAttribute('aria-busy');
  }
}

addEventListener('hashchange', () => void show());
await show();
