import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPS, type App } from './addresses.ts';

/** One digest per part of `dist/`: the libs and migrations count for every service. */
function digest(root: string, patterns: string[]): string {
  const hash = createHash('sha256');
  for (const file of globSync(patterns, { cwd: join(root, 'dist') }).toSorted())
    hash.update(file).update(readFileSync(join(root, 'dist', file)));
  return hash.digest('hex');
}

/** What is running now, to compare the next build with. */
export interface Built {
  migrations: string;
  services: Record<App, string>;
}

export function builtState(root: string): Built {
  const services = APPS.map((app) => [app, digest(root, [`apps/${app}/**/*.js`, 'libs/**/*.js'])] as const);
  return {
    migrations: digest(root, ['migrations/**/*.js']),
    services: Object.fromEntries(services) as Record<App, string>,
  };
}

/** The services whose built code differs. */
export function changedServices(before: Built, after: Built): App[] {
  return APPS.filter((app) => before.services[app] !== after.services[app]);
}

/** What the compiler's line means: a clean build, a build with errors, or neither. */
export function outcomeOf(line: string): 'clean' | 'errors' | undefined {
  const found = /Found (\d+) errors?\./.exec(line);
  if (!found) return undefined;
  return found[1] === '0' ? 'clean' : 'errors';
}

/** Starts the compiler in watch mode: `onClean` after each build without errors, `onLine` for what else it says. */
export function watchBuild(root: string, onClean: () => void, onLine: (line: string) => void): ChildProcess {
  const nest = join(root, 'node_modules/.bin/nest');
  const child = spawn(nest, ['build', 'auth', '--watch', '--preserveWatchOutput'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let rest = '';
  const read = (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (outcomeOf(line) === 'clean') onClean();
      else if (line.trim() !== '') onLine(line);
    }
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  return child;
}
