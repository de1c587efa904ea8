import { posix } from 'node:path';
import type { Finding, Step } from './finding.ts';
import { codeSpans, headings, links, npmScripts } from './markdown.ts';
import { read, readTree, type Tree } from './tree.ts';

const ROOTED = /^(apps|libs|migrations|test|tools|docs|deploy|dist|\.ci)\//;
const FILE_NAME = /^[\w@*-][\w.@*-]*\.(ts|mts|mjs|cjs|js|json|ya?ml|md|sh|sql|css|html|liquid)$/;

/** Every path, npm script and relative link that a .md file names exists. */
export const docs: Step = {
  name: 'docs',
  run(root) {
    const tree = readTree(root);
    const known = new Set([...tree.files, ...tree.folders]);
    const scripts = new Set(Object.keys((JSON.parse(read(tree, 'package.json')) as { scripts: object }).scripts));
    return tree.files.filter((file) => file.endsWith('.md')).flatMap((file) => checkFile(tree, known, scripts, file));
  },
};

function checkFile(tree: Tree, known: Set<string>, scripts: Set<string>, file: string): Finding[] {
  const text = read(tree, file);
  const findings: Finding[] = [];
  for (const { line, value } of npmScripts(text)) {
    if (!scripts.has(value)) {
      findings.push({ file, line, rule: 'npm-script-exists', message: `package.json has no script "${value}"` });
    }
  }
  for (const { line, value } of codeSpans(text)) {
    for (const path of pathsIn(value)) {
      if (!isAlive(known, posix.dirname(file), path)) {
        findings.push({ file, line, rule: 'path-exists', message: `${path} does not exist` });
      }
    }
  }
  for (const { line, value } of links(text)) {
    const fault = deadLink(tree, known, file, value);
    if (fault) findings.push({ file, line, rule: 'link-resolves', message: fault });
  }
  return findings;
}

/** The words of a code span that name a file or folder of this repository. Placeholders become wildcards. */
function pathsIn(span: string): string[] {
  return span
    .split(/\s+/)
    .map((word) => word.replace(/^["'(]+/, '').replace(/["'),;:.]+$/, ''))
    .map((word) => word.replace(/:\d+$/, '').replaceAll(/<[^<>]*>|NNNN/g, '*'))
    .map((word) => word.replace(/^#libs\/([\w-]+)$/, 'libs/$1/src/index.ts'))
    .flatMap(expandBraces)
    .filter((word) => ROOTED.test(word) || /^\.{1,2}\//.test(word) || FILE_NAME.test(word));
}

function expandBraces(word: string): string[] {
  const [, before, choices, after] = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/.exec(word) ?? [];
  if (choices === undefined) return [word];
  return choices.split(',').flatMap((choice) => expandBraces(`${before}${choice}${after}`));
}

/** A path is alive when it exists from the root or from the document's folder; a bare file name, anywhere. A .env is a user's own. */
function isAlive(known: Set<string>, folder: string, path: string): boolean {
  const trimmed = path.replace(/\/$/, '');
  if (/(^|\/)\.env$/.test(path)) return true;
  if (FILE_NAME.test(path)) return exists(known, posix.join('**', path));
  return [trimmed, posix.join(folder, trimmed)].some((candidate) => exists(known, source(candidate)));
}

/** What is built comes from a source of the same name. */
function source(path: string): string {
  return posix.normalize(path.replace(/^dist\/(.*)\.js$/, '$1.ts').replace(/^dist\//, ''));
}

function exists(known: Set<string>, path: string): boolean {
  if (path === '.' || path === 'dist') return true;
  if (!path.includes('*')) return known.has(path);
  const pattern = path
    .split(/(\*\*\/|\*\*|\*)/)
    .map((part) => ({ '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*' })[part] ?? escape(part))
    .join('');
  const regex = new RegExp(`^${pattern}$`);
  return [...known].some((file) => regex.test(file));
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function deadLink(tree: Tree, known: Set<string>, file: string, link: string): string | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  const target = path.startsWith('/') ? path.slice(1) : posix.join(posix.dirname(file), path || posix.basename(file));
  const normal = posix.normalize(decodeURIComponent(target)).replace(/\/$/, '');
  if (normal !== '.' && !known.has(normal)) return `the link ${link} leads nowhere`;
  if (anchor && normal.endsWith('.md') && !headings(read(tree, normal)).has(anchor)) {
    return `${normal} has no heading #${anchor}`;
  }
  return undefined;
}
