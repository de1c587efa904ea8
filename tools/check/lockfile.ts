import type { Finding } from './finding.ts';
import { read, type Tree } from './tree.ts';

const FILE = 'package-lock.json';
const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

type Entry = Partial<Record<(typeof KINDS)[number], Record<string, string>>> & { dev?: boolean; license?: string };

/** `npm ci` accepts the lockfile on every platform, it names no registry, and what it ships may be shipped. */
export function checkLockfile(tree: Tree): Finding[] {
  if (!tree.files.includes(FILE)) return [{ file: FILE, rule: 'lockfile-in-step', message: 'is missing' }];
  const text = read(tree, FILE);
  const { packages } = JSON.parse(text) as { packages: Record<string, Entry> };
  return [
    ...addresses(text),
    ...outOfStep(packages[''] ?? {}, JSON.parse(read(tree, 'package.json')) as Entry),
    ...gaps(packages),
    ...licences(packages),
  ];
}

function addresses(text: string): Finding[] {
  const line = text.split('\n').findIndex((candidate) => /"resolved": "https?:/.test(candidate)) + 1;
  const message = 'holds an address: write it again with omit-lockfile-registry-resolved=true';
  return line > 0 ? [{ file: FILE, line, rule: 'lockfile-without-addresses', message }] : [];
}

function outOfStep(locked: Entry, wanted: Entry): Finding[] {
  return KINDS.flatMap((kind) => {
    const names = new Set([...Object.keys(locked[kind] ?? {}), ...Object.keys(wanted[kind] ?? {})]);
    return [...names]
      .filter((name) => locked[kind]?.[name] !== wanted[kind]?.[name])
      .map((name) => ({
        file: FILE,
        rule: 'lockfile-in-step',
        message: `${name} differs from package.json: npm install`,
      }));
  });
}

/** A registry that lacks another platform's package leaves a gap that `npm ci` refuses, here and there. */
function gaps(packages: Record<string, Entry>): Finding[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isLocked(packages, path, name))
      .map((name) => ({ file: FILE, rule: 'lockfile-complete', message: `${path} wants ${name}, which has no entry` })),
  );
}

/** Looks a package up as Node does: in the folder of its user, then in every folder above. */
function isLocked(packages: Record<string, Entry>, user: string, name: string): boolean {
  for (let folder = user; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    if (`${folder && `${folder}/`}node_modules/${name}` in packages) return true;
    if (folder === '') return false;
  }
}

/** A product under the MIT licence cannot ship copyleft or source-available packages; tools of development may be either. */
function licences(packages: Record<string, Entry>): Finding[] {
  return Object.entries(packages)
    .filter(([, { dev, license }]) => !dev && /GPL|SSPL|BUSL|EUPL|OSL|NC\b|UNLICENSED/.test(license ?? ''))
    .map(([path, { license }]) => ({ file: FILE, rule: 'licence-permissive', message: `${path} is under ${license}` }));
}
