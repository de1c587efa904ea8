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
export function confirmed({ title, text, yes, no }) {
  return new Promise((resolve) => {
    const dialog = h(
      'dialog',
      { 'aria-labelledby': 'dialog-title', onclose: () => (dialog.remove(), resolve(dialog.returnValue === 'yes')) },
      h('h2', { id: 'dialog-title' }, title),
      h('p', {}, text),
      h(
        'form',
        { method: 'dialog', class: 'actions' },
        h('button', { value: 'yes' }, yes),
        h('button', { value: 'no', class: 'quiet', autofocus: true }, no),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
