import { invalidParam } from './errors.ts';

/** A decoded form value: text, or a map of further values (arrays are maps with numeric keys). */
export type Raw = string | RawMap;
export interface RawMap {
  [key: string]: Raw;
}

/** Decodes Stripe's bracketed form encoding: `line_items[0][price_data][unit_amount]=1000`, `expand[]=x`. */
export function decodeForm(text: string): RawMap {
  const root = emptyMap();
  for (const [name, value] of new URLSearchParams(text)) {
    const keys = splitName(name);
    let at = root;
    keys.forEach((key, depth) => {
      const slot = key === '' ? String(Object.keys(at).length) : key;
      if (depth === keys.length - 1) {
        at[slot] = value;
        return;
      }
      const next = at[slot];
      if (typeof next === 'string')
        throw invalidParam(`Invalid request: ${name} is given both as a value and as an object`, name);
      at = next ?? (at[slot] = emptyMap());
    });
  }
  return root;
}

/** No prototype, so a parameter called `constructor` is just an unknown parameter. */
function emptyMap(): RawMap {
  return Object.create(null) as RawMap;
}

function splitName(name: string): string[] {
  const open = name.indexOf('[');
  if (open === -1) return [name];
  const inner = name.slice(open + 1).replace(/\]$/, '');
  return [name.slice(0, open), ...inner.split('][')];
}
