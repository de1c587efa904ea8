/**
 * Makes an element. Text always goes in as text, so nothing that comes from the API can become markup.
 * `on*` properties are listeners; undefined and null children are left out.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value' || name === 'checked' || name === 'srcdoc') element[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  return fill(element, ...children);
}

/** Replaces what is in an element; nothing, null and false are left out. */
export function fill(element, ...children) {
  element.replaceChildren(
    ...children.flat().filter((child) => child !== undefined && child !== null && child !== false),
  );
  return element;
}

/** A form field with its label and an optional hint. */
export function field(label, control, hint) {
  return h('label', {}, label, control, hint && h('span', { class: 'hint' }, hint));
}

/** Asks before something that cannot be taken back; resolves to true when the user agrees. */
export function confirmed(question) {
  return asked(question, undefined);
}

/** Asks for a reason; resolves to it, or to undefined when the user thinks better of it. */
export async function reasonFor({ label, ...question }) {
  const reason = h('input', { name: 'reason', required: true, minlength: 3, maxlength: 500 });
  return (await asked(question, field(label, reason))) ? reason.value : undefined;
}

function asked({ title, text, yes, no }, control) {
  return new Promise((resolve) => {
    const dialog = h(
      'dialog',
      { 'aria-labelledby': 'dialog-title', onclose: () => (dialog.remove(), resolve(dialog.returnValue === 'yes')) },
      h('h2', { id: 'dialog-title' }, title),
      h('p', {}, text),
      h(
        'form',
        { method: 'dialog' },
        control,
        h(
          'div',
          { class: 'actions' },
          h('button', { value: 'yes' }, yes),
          h('button', { value: 'no', class: 'quiet', formnovalidate: true, autofocus: !control }, no),
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
