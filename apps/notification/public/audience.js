import { api } from './api.js';
import { field, h } from './dom.js';
import { LOCALES } from './text-tabs.js';
import { explain, showNumber, words } from './words.js';

const COUNT_DELAY_MS = 400;
/** What the service takes in one request; five thousand addresses are about half of it. */
const MOST_FILE_BYTES = 256 * 1024;

/** The choice of who gets a campaign, with the number of people it means right now. `value()` is what the API takes. */
export function audienceChoice(initial = { type: 'all' }) {
  const type = h(
    'select',
    { name: 'audience' },
    ['all', 'segment', 'list'].map((value) =>
      h('option', { value, selected: value === initial.type }, words.audiences[value]),
    ),
  );
  const locale = choice('locale', ['', ...LOCALES], initial.locales?.[0], (value) => words[value] ?? words.any);
  const role = choice(
    'role',
    ['', 'public_user', 'admin', 'super_user'],
    initial.roles?.[0],
    (value) => words.roles[value] ?? words.any,
  );
  const state = choice(
    'plan-state',
    ['', 'active', 'ending', 'ended', 'never'],
    initial.plan?.state,
    (value) => words.planStates[value] ?? words.any,
  );
  const product = h('input', { name: 'product', value: initial.plan?.product ?? '', maxlength: 100 });
  const days = h('input', { name: 'days', type: 'number', min: 1, max: 3650, value: initial.plan?.days ?? 7 });
  const device = h('input', { name: 'device', value: initial.devices?.join(', ') ?? '' });
  const unseen = h('input', { name: 'unseen', type: 'number', min: 1, max: 3650, value: initial.unseenDays ?? '' });
  // What was chosen elsewhere and has no field here stays: leaving it out would write to more people.
  const { currencies } = initial;
  const addresses = h('textarea', { name: 'addresses', value: initial.addresses?.join('\n') ?? '' });
  const file = h('input', { name: 'addresses-file', type: 'file', accept: '.csv,.txt,text/csv,text/plain' });
  const size = h('output', { class: 'hint', 'data-audience-size': true });
  const segment = h(
    'div',
    { class: 'grid' },
    field(words.locale, locale),
    field(words.role, role),
    field(words.plan, state),
    field(words.product, product),
    field(words.endingDays, days),
    field(words.device, device),
    field(words.unseen, unseen),
  );
  const list = h(
    'div',
    {},
    field(words.addresses, addresses, words.addressesHint),
    field(words.addressesFile, file, words.addressesFileHint),
  );
  file.onchange = () => void readFile();
  let timer;
  let turn = 0;

  function value() {
    if (type.value === 'list') return { type: 'list', addresses: addresses.value.split(/[\s,;]+/).filter(Boolean) };
    if (type.value === 'all') return { type: 'all' };
    return {
      type: 'segment',
      ...(currencies && { currencies }),
      ...(locale.value && { locales: chosen(locale, initial.locales) }),
      ...(role.value && { roles: chosen(role, initial.roles) }),
      ...(device.value.trim() && {
        devices: device.value
          .split(',')
          .map((one) => one.trim())
          .filter(Boolean),
      }),
      ...(unseen.value && { unseenDays: Number(unseen.value) }),
      ...(state.value && {
        plan: {
          product: product.value.trim(),
          state: state.value,
          ...(state.value === 'ending' && { days: Number(days.value) }),
        },
      }),
    };
  }

  /** Shows the fields of the chosen kind and returns what is wrong with them, if anything: a segment without a condition, or a subscription without its product, would mean everybody. */
  function check() {
    segment.hidden = type.value !== 'segment';
    list.hidden = type.value !== 'list';
    product.required = !segment.hidden && state.value !== '';
    const unconditional = !segment.hidden && Object.keys(value()).length === 1;
    type.setCustomValidity(unconditional ? words.conditionNeeded : '');
    if (unconditional) return words.conditionNeeded;
    const [upload] = list.hidden ? [] : file.files;
    const tooLarge = upload?.size > MOST_FILE_BYTES ? words.fileTooLarge : '';
    file.setCustomValidity(tooLarge);
    if (tooLarge) return tooLarge;
    return product.required && !product.value.trim() ? words.productNeeded : '';
  }

  /** Takes the addresses out of a file, whatever else its lines hold. */
  async function readFile() {
    const [upload] = file.files;
    if (upload && upload.size <= MOST_FILE_BYTES)
      addresses.value = (await upload.text())
        .split(/[\s,;"<>]+/)
        .filter((word) => word.includes('@'))
        .join('\n');
    void count();
  }

  async function count() {
    const mine = ++turn;
    const fault = check();
    if (fault) return (size.textContent = fault);
    try {
      const { recipients, approvalFrom } = await api('POST', '/admin/campaigns/count', { audience: value() });
      const approval = recipients >= approvalFrom ? ` ${words.needsApproval}` : '';
      if (mine === turn) size.textContent = `${words.recipients}: ${showNumber(recipients)}.${approval}`;
    } catch (error) {
      if (mine === turn) size.textContent = explain(error);
    }
  }
  const countSoon = () => {
    check();
    clearTimeout(timer);
    timer = setTimeout(() => void count(), COUNT_DELAY_MS);
  };
  void count();
  const element = h('fieldset', { oninput: countSoon }, h('legend', {}, words.audience), type, segment, list, size);
  return { element, value, stop: () => clearTimeout(timer) };
}

/** Several values chosen elsewhere stay together until another is chosen. */
function chosen(select, several = []) {
  return select.value === several[0] ? several : [select.value];
}

function choice(name, values, chosen, show) {
  return h(
    'select',
    { name },
    values.map((value) => h('option', { value, selected: value === (chosen ?? '') }, show(value))),
  );
}
