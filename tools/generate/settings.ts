/** The part of an envalid specification that documentation needs. */
export interface Spec {
  desc?: string;
  default?: unknown;
  example?: string;
  choices?: readonly unknown[];
}

/** One environment variable and who reads it. */
export interface Setting extends Spec {
  name: string;
  owners: string[];
  required: boolean;
}

/** Merges the specifications of all owners; a variable that several read is listed once. */
export function toSettings(owned: [owner: string, specs: Record<string, Spec>][]): Setting[] {
  const byName = new Map<string, Setting>();
  for (const [owner, specs] of owned) {
    for (const [name, spec] of Object.entries(specs)) {
      const setting = byName.get(name) ?? { ...spec, name, owners: [], required: !('default' in spec) };
      if (!setting.owners.includes(owner)) setting.owners.push(owner);
      byName.set(name, setting);
    }
  }
  return [...byName.values()].sort((a, b) => b.owners.length - a.owners.length);
}

/** Groups settings by who reads them, those that several read first. */
function groups(settings: Setting[]): Map<string, Setting[]> {
  const found = new Map<string, Setting[]>();
  for (const setting of settings) {
    const owners = setting.owners.join(', ');
    found.set(owners, [...(found.get(owners) ?? []), setting]);
  }
  return found;
}

/** A default in the form that the environment takes. */
function text(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

/** The content of .env.example: every variable commented out, with its default or an example. */
export function envExample(settings: Setting[]): string {
  const lines = [
    '# Every setting of the services, made from their configuration classes by tools/generate/config.ts.',
    '# Copy to .env and uncomment what you set; what has a default may stay as it is.',
  ];
  for (const [owners, members] of groups(settings)) {
    lines.push('', `# --- ${owners}`);
    for (const setting of members) {
      const notes = [
        setting.desc,
        setting.choices && `one of ${setting.choices.join(', ')}`,
        setting.required && 'required',
      ];
      lines.push(`# ${notes.filter(Boolean).join('; ')}`);
      lines.push(`# ${setting.name}=${text(setting.default ?? setting.example)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** The configuration table, as prettier would write it. */
export function markdownTable(settings: Setting[]): string {
  const rows = [...groups(settings).values()]
    .flat()
    .map((setting) => [
      `\`${setting.name}\``,
      setting.owners.join(', '),
      setting.required ? 'required' : text(setting.default) === '' ? '' : `\`${text(setting.default)}\``,
      (setting.desc ?? '').replaceAll('|', '\\|'),
    ]);
  const table = [['Variable', 'Read by', 'Default', 'Meaning'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => width(row[column] ?? ''))));
  const line = (row: string[]): string =>
    `| ${row.map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - width(cell))).join(' | ')} |`;
  const [head = [], ...body] = table;
  return [line(head), `| ${widths.map((size) => '-'.repeat(size)).join(' | ')} |`, ...body.map(line)].join('\n');
}

function width(cell: string): number {
  return [...cell].length;
}

/** Replaces what stands between `<!-- name:start -->` and `<!-- name:end -->`; throws when the markers are missing. */
export function replaceBetween(document: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const [from, to] = [document.indexOf(start), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no ${start} ... ${end}`);
  return `${document.slice(0, from + start.length)}\n\n${content}\n\n${document.slice(to)}`;
}
