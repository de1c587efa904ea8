import { posix } from 'node:path';
import type { Finding } from './finding.ts';
import { read, type Tree } from './tree.ts';

export interface Instruction {
  line: number;
  name: string;
  value: string;
}

/** One FROM and what follows it. `base` is an image or the name of an earlier stage. */
export interface Stage {
  name: string;
  base: string;
  line: number;
  instructions: Instruction[];
}

/** Splits a Dockerfile into its stages; line continuations are joined, comments dropped. */
export function parseDockerfile(text: string): Stage[] {
  const stages: Stage[] = [];
  let pending = '';
  for (const [index, raw] of text.split('\n').entries()) {
    if (/^\s*#/.test(raw)) continue;
    pending += raw.replace(/\\$/, ' ');
    if (raw.endsWith('\\') || pending.trim() === '') continue;
    const [, name = '', value = ''] = /^\s*(\w+)\s+(.*)$/.exec(pending) ?? [];
    pending = '';
    if (name.toUpperCase() === 'FROM') {
      const [, base = '', as] = /^(?:--\S+\s+)*(\S+)(?:\s+as\s+(\S+))?/i.exec(value) ?? [];
      stages.push({ name: as ?? String(stages.length), base, line: index + 1, instructions: [] });
    } else {
      stages.at(-1)?.instructions.push({ line: index + 1, name: name.toUpperCase(), value });
    }
  }
  return stages;
}

/** True when an image is named with an exact version (at least major.minor) or a digest. */
export function isPinned(image: string): boolean {
  return /:v?\d+\.\d+[\w.-]*$|@sha256:[0-9a-f]{64}$/.test(image);
}

/** The stages that end up in an image somebody runs: the last one, and those compose targets. */
const RUNTIME = 'runtime';

/** Pinned bases, no root, no development dependencies in the service image, and sources that exist in the build context. */
export function checkDockerfile(tree: Tree, stages: Stage[]): Finding[] {
  const findings: Finding[] = [];
  const report = (line: number, rule: string, message: string): void => {
    findings.push({ file: 'Dockerfile', line, rule, message });
  };
  const names = new Set(stages.map(({ name }) => name));

  for (const { base, line } of stages) {
    if (!names.has(base) && !isPinned(base)) report(line, 'image-pinned', `${base} is not an exact version`);
  }
  const last = stages.at(-1);
  if (last?.name !== RUNTIME) report(last?.line ?? 1, 'runtime-stage', 'the last stage is not called "runtime"');

  const copies = last?.instructions.filter(({ name }) => name === 'COPY').map(({ value }) => value) ?? [];
  for (const folder of tree.folders.filter((path) => /^apps\/[^/]+\/public$/.test(path))) {
    if (!copies.some((value) => value.startsWith(`${folder} `))) {
      report(last?.line ?? 1, 'assets-in-image', `${folder} is served by its app, but the service image lacks it`);
    }
  }

  const inner = new Set(stages.map(({ base }) => base));
  for (const stage of stages.filter(({ name }) => !inner.has(name) && !isOnlyCopiedFrom(stages, name))) {
    const user = stage.instructions.findLast(({ name }) => name === 'USER');
    if (!user || /^(root|0)(:|$)/.test(user.value)) {
      report(user?.line ?? stage.line, 'image-non-root', `stage ${stage.name} runs as root: end it with USER node`);
    }
  }
  for (const { stage, instruction } of reachable(stages, RUNTIME)) {
    if (
      instruction.name === 'RUN' &&
      /\bnpm (ci|i|install)\b/.test(instruction.value) &&
      !/--omit[= ]dev/.test(instruction.value)
    ) {
      report(
        instruction.line,
        'no-dev-dependencies',
        `stage ${stage.name} gives its node_modules to the service image`,
      );
    }
  }
  for (const stage of stages) {
    for (const { line, name, value } of stage.instructions) {
      if (/(password|secret|token|key)\w*=\S/i.test(value) && (name === 'ENV' || name === 'ARG')) {
        report(line, 'no-secrets-in-image', 'secrets come from the environment at run time');
      }
      if (name === 'ADD') report(line, 'copy-not-add', 'COPY does one thing; ADD also unpacks and downloads');
      if (name === 'COPY') for (const fault of missingSources(tree, value)) report(line, 'copy-source-exists', fault);
    }
  }
  return findings;
}

function isOnlyCopiedFrom(stages: Stage[], name: string): boolean {
  return stages.some(({ instructions }) => instructions.some(({ value }) => value.includes(`--from=${name} `)));
}

/** Every instruction whose node_modules can reach a stage: its own, its bases', and the stages it copies them from. */
function reachable(stages: Stage[], name: string): { stage: Stage; instruction: Instruction }[] {
  const stage = stages.find((candidate) => candidate.name === name);
  if (!stage) return [];
  const sources = stage.instructions.flatMap(
    ({ name: kind, value }) => (kind === 'COPY' && /--from=(\S+) \S*node_modules/.exec(value)?.[1]) || [],
  );
  return [
    ...stage.instructions.map((instruction) => ({ stage, instruction })),
    ...[stage.base, ...sources].flatMap((other) => reachable(stages, other)),
  ];
}

function missingSources(tree: Tree, value: string): string[] {
  if (/--from=/.test(value)) return [];
  const sources = value
    .replaceAll(/--\S+\s+/g, '')
    .trim()
    .split(/\s+/)
    .slice(0, -1);
  const known = new Set([...tree.files, ...tree.folders]);
  return sources.flatMap((source) => {
    const path = posix.normalize(source).replace(/\/$/, '');
    if (!known.has(path)) return [`${source} does not exist`];
    return isIgnored(tree, path) ? [`${source} is kept out of the context by .dockerignore`] : [];
  });
}

/** The last matching line of .dockerignore decides, as in the engine. Wildcards inside a path are not needed here. */
function isIgnored(tree: Tree, path: string): boolean {
  if (!tree.files.includes('.dockerignore')) return false;
  let ignored = false;
  for (const line of read(tree, '.dockerignore').split('\n')) {
    const [, not, pattern = ''] = /^(!?)([^#\s]\S*)/.exec(line.trim()) ?? [];
    const folder = pattern.replace(/\/\*$/, '');
    const matches = pattern === '*' || path === pattern || path.startsWith(`${folder}/`);
    if (pattern && matches) ignored = not !== '!';
  }
  return ignored;
}
