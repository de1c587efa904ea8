import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One source of packages as apt has it configured. */
export interface AptSource {
  uri: string;
  suites: string[];
  signedBy?: string;
}

/** NAME=value lines of /etc/os-release. */
export function parseOsRelease(text: string): Record<string, string> {
  const entries = text.matchAll(/^([A-Z_]+)=(?:"(.*)"|(.*))$/gm);
  return Object.fromEntries([...entries].map(([, name, quoted, plain]) => [name, quoted ?? plain ?? '']));
}

/** The sources in a file of the deb822 form (*.sources). */
export function parseDeb822(text: string): AptSource[] {
  const stanzas = text.replace(/^#.*\n?/gm, '').split(/\n\s*\n/);
  return stanzas.flatMap((stanza) => {
    const fields: Record<string, string> = {};
    let last = '';
    for (const line of stanza.split('\n')) {
      const field = /^([\w-]+):\s*(.*)$/.exec(line);
      if (field) fields[(last = (field[1] ?? '').toLowerCase())] = field[2] ?? '';
      else if (last && /^\s/.test(line)) fields[last] += `\n${line}`;
    }
    const [uri] = (fields['uris'] ?? '').split(/\s+/);
    if (!uri || fields['enabled']?.trim() === 'no' || !(fields['types'] ?? '').split(/\s+/).includes('deb')) return [];
    const signedBy = fields['signed-by'];
    return [{ uri, suites: (fields['suites'] ?? '').split(/\s+/), ...(signedBy ? { signedBy } : {}) }];
  });
}

/** The sources in a file of the one-line form (*.list). */
export function parseList(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/.exec(line);
    if (!match?.[2] || !match[3]) return [];
    const signedBy = /signed-by=(\S+)/.exec(match[1] ?? '')?.[1];
    return [{ uri: match[2], suites: [match[3]], ...(signedBy ? { signedBy } : {}) }];
  });
}

/** A deb822 stanza that repeats the source of `codename` for another suite of the same distribution, or undefined when there is no such source. */
export function repeatForSuite(sources: AptSource[], codename: string, suite: string): string | undefined {
  const source = sources.find((one) => one.suites.includes(codename));
  if (!source) return undefined;
  const signed = source.signedBy ? `Signed-By: ${source.signedBy}\n` : '';
  return `Types: deb\nURIs: ${source.uri}\nSuites: ${suite}\nComponents: main\n${signed}`;
}

/** The same, read from the machine's own apt configuration. */
export function sourceForSuite(aptDirectory: string, codename: string, suite: string): string | undefined {
  const parts = join(aptDirectory, 'sources.list.d');
  const names = existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : [];
  const sources = [join(aptDirectory, 'sources.list'), ...names].filter(existsSync).flatMap((file) => {
    if (file.endsWith('.sources')) return parseDeb822(readFileSync(file, 'utf8'));
    return file.endsWith('.list') ? parseList(readFileSync(file, 'utf8')) : [];
  });
  return repeatForSuite(sources, codename, suite);
}
