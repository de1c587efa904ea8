import { read, type Tree } from './tree.ts';

/** One variable as .env.example documents it. */
interface Setting {
  owners: string[];
  fallback: string;
  required: boolean;
}

/** What compose may interpolate (`template`) and what the configuration classes read (`config`). */
export interface Settings {
  template: Set<string>;
  config: Map<string, Setting>;
}

const ASSIGNMENT = /^#? ?([A-Z][A-Z0-9_]*)=(.*)$/;

/** Reads the names from deploy/env.template and .env.example; the latter is generated from the configuration classes. */
export function readSettings(tree: Tree): Settings {
  const template = new Set<string>();
  for (const line of read(tree, 'deploy/env.template').split('\n')) {
    const [, name] = ASSIGNMENT.exec(line) ?? [];
    if (name) template.add(name);
  }
  const config = new Map<string, Setting>();
  let owners: string[] = [];
  let comment = '';
  for (const line of read(tree, '.env.example').split('\n')) {
    const [, section] = /^# --- (.+)$/.exec(line) ?? [];
    const [, name, fallback = ''] = ASSIGNMENT.exec(line) ?? [];
    if (section) owners = section.split(', ');
    if (name) config.set(name, { owners, fallback, required: comment.endsWith('; required') });
    comment = line;
  }
  return { template, config };
}

/** What is wrong with a service's environment: unknown names, missing ones, a port that is not published. */
export function* environmentFaults(
  { config }: Settings,
  command: string,
  environment: Record<string, unknown>,
  ports: string[],
): Generator<[rule: string, message: string]> {
  for (const [name, value] of Object.entries(environment)) {
    if (!config.has(name)) yield ['variable-known', `is given ${name}, which no configuration class reads`];
    if (name.endsWith('_PORT') && !ports.some((port) => port.endsWith(`:${String(value)}`))) {
      yield ['ports-match', `listens on ${name}=${String(value)} but publishes ${ports.join(', ') || 'nothing'}`];
    }
  }
  const [, app] = /\bdist\/apps\/([^/]+)\//.exec(command) ?? [];
  for (const [name, { owners, required }] of config) {
    if (app && required && owners.includes(app) && !(name in environment)) {
      yield ['variable-given', `is not given ${name}, which ${app} requires`];
    }
  }
}
