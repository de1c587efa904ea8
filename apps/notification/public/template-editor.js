import { api } from './api.js';
import { confirmed, fill, h } from './dom.js';
import { templateHistory } from './template-history.js';
import { templatePreview } from './template-preview.js';
import { templateWords as words } from './template-words.js';
import { LOCALES, tabList, textFields } from './text-tabs.js';
import { explain, language, words as common } from './words.js';

/** One template: its texts in every language, what they look like, and what was sent before. */
export async function templateEditor(key) {
  const path = `/admin/templates/${key}`;
  let template = await api('GET', path);
  let locale = language;
  const written = () => (template.draft ?? template.published).content;
  const options = { summary: true, bodyHint: words.bodyHint };
  const texts = Object.fromEntries(LOCALES.map((one) => [one, textFields(one, written()[one], options)]));
  const note = h('p', { role: 'status', hidden: true });
  const fault = h('p', { role: 'alert', hidden: true });
  const head = h('div', {});
  const actions = h('div', { class: 'actions' });
  const preview = templatePreview(path, () => ({ text: texts[locale].value(), locale }));
  const history = templateHistory(path, {
    look: ({ version, content }) => (show(content), tell(note, words.looking(version))),
    rollBack: (version) => act('POST', 'roll-back', { version, current: template.version }, words.published),
  });

  function tell(element, text) {
    for (const one of [note, fault]) one.hidden = one !== element;
    element.textContent = text;
    element.scrollIntoView({ block: 'nearest' });
  }

  function show(content) {
    for (const one of LOCALES) texts[one].fill(content[one]);
    preview.now();
  }

  const content = () => {
    const values = LOCALES.map((one) => [one, texts[one].value()]);
    return Object.fromEntries(values.filter(([, { subject, body }]) => subject.trim() || body.trim()));
  };
  const unsaved = () => JSON.stringify(content()) !== JSON.stringify(written());

  /** Does it, and draws what the template has become. */
  async function act(method, action, body, done) {
    note.hidden = fault.hidden = true;
    try {
      template = await api(method, `${path}/${action}`, body);
      draw();
      if (action !== 'draft') show(written());
      await history.load(template.version);
      if (done) tell(note, done);
      return true;
    } catch (error) {
      tell(fault, explain(error));
      return false;
    }
  }
  const save = () =>
    act('PUT', 'draft', { content: content(), revision: template.draft?.revision ?? null }, words.saved);
  const sure = (title, text, yes) => confirmed({ title, text, yes, no: common.no });

  async function publish() {
    if (unsaved() && !(await save())) return;
    if (!template.draft || !(await sure(words.publishTitle, words.publishText, words.publish))) return;
    await act('POST', 'publish', { revision: template.draft.revision }, words.published);
  }
  async function discard() {
    if (!(await sure(words.discard, words.discardText, words.discard))) return;
    await act('POST', 'draft/discard', { revision: template.draft.revision });
  }
  async function test() {
    try {
      const { state, detail } = await api('POST', `${path}/test`, { text: texts[locale].value(), locale });
      tell(state === 'sent' ? note : fault, state === 'sent' ? common.testSent : detail);
    } catch (error) {
      tell(fault, explain(error));
    }
  }

  function draw() {
    const { version, broken, draft } = template;
    fill(
      head,
      h(
        'div',
        { class: 'head' },
        h('h1', {}, key),
        h(
          'span',
          { class: 'choices' },
          draft && h('span', { class: 'badge running', 'data-draft': true }, words.draft),
          h(
            'span',
            { class: 'badge', 'data-version': version },
            version === 0 ? words.starter : words.version(version),
          ),
        ),
      ),
      broken && h('p', { role: 'alert' }, `${words.broken} ${broken}`),
    );
    fill(
      actions,
      h('button', { type: 'submit' }, common.save),
      h('button', { type: 'button', onclick: () => void publish() }, words.publish),
      h('button', { type: 'button', class: 'quiet', onclick: () => void test() }, common.test),
      draft && h('button', { type: 'button', class: 'quiet', onclick: () => void discard() }, words.discard),
    );
  }

  const tabs = tabList((chosen) => {
    locale = chosen;
    for (const one of LOCALES) texts[one].panel.hidden = one !== chosen;
    preview.now();
  });
  const submit = (event) => (event.preventDefault(), void save());
  const insert = (name) => insertAt(texts[locale].body, `{{ ${name} }}`);
  const form = h(
    'form',
    { onsubmit: submit, oninput: preview.soon, class: 'card' },
    note,
    fault,
    h(
      'div',
      {},
      tabs,
      LOCALES.map((one) => texts[one].panel),
    ),
    template.variables.length > 0 && chips(template.variables, insert),
    actions,
  );
  draw();
  preview.now();
  await history.load(template.version);
  const element = h(
    'section',
    {},
    h('p', {}, h('a', { href: '#/templates' }, `← ${words.back}`)),
    head,
    h('div', { class: 'columns' }, form, preview.element),
    h('section', { class: 'card' }, h('h2', {}, words.history), history.element),
  );
  return { element, stop: preview.stop };
}

/** The values the author may use; pressing one puts it where the cursor is. */
function chips(variables, insert) {
  const chip = ({ name, sample, required }) =>
    h(
      'button',
      { type: 'button', class: 'quiet small', title: sample, onclick: () => insert(name) },
      `{{ ${name} }}`,
      required && h('span', { class: 'muted' }, ` ${words.required}`),
    );
  return h('fieldset', {}, h('legend', {}, words.variables), h('div', { class: 'actions' }, variables.map(chip)));
}

function insertAt(area, text) {
  area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
  area.focus();
  area.dispatchEvent(new Event('input', { bubbles: true }));
}
