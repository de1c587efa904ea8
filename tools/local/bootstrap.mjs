// Gets a fresh clone to the point where the project's own Node 24 can run the rest. Runs on Node >= 20 with nothing installed.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';

/** The repository. */
export const ROOT = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');

const OLDEST_NODE = 20;
const PROJECT_NODE = join(ROOT, 'node_modules/.bin/node');

/** @typedef {Record<string, { version?: string, optional?: boolean, resolved?: string, link?: boolean }>} LockedPackages */

/** @param {string} file @returns {LockedPackages} */
function lockedPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/**
 * Whether every locked package is installed in the locked version; optional ones may be absent (they are for other platforms).
 * @param {LockedPackages} locked from package-lock.json
 * @param {LockedPackages} installed from npm's record of what it installed
 */
export function isInstalled(locked, installed) {
  return Object.entries(locked).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    return found ? found.version === wanted.version : wanted.optional === true;
  });
}

function upToDate() {
  const record = join(ROOT, 'node_modules/.package-lock.json');
  return (
    existsSync(record) &&
    existsSync(PROJECT_NODE) &&
    isInstalled(lockedPackages(join(ROOT, 'package-lock.json')), lockedPackages(record))
  );
}

/** @param {string} line @returns {never} */
function refuse(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

/**
 * Runs a command to its end and gives its exit code; signals sent to us are passed on, so that the command decides how to end.
 * @param {string} command @param {string[]} args @param {import('node:child_process').SpawnOptions} [options] @returns {Promise<number>}
 */
function run(command, args, options = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
    /** @type {NodeJS.Signals[]} */
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const pass = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
    for (const signal of signals) process.on(signal, pass);
    child.once('error', (error) => refuse(`cannot run ${command}: ${error.message}`));
    child.once('exit', (code, signal) => {
      for (const one of signals) process.off(one, pass);
      done(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

/** Installs the locked dependencies when they are missing or have changed. */
export async function installDependencies() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < OLDEST_NODE) refuse(`Node ${process.versions.node} is too old. Install Node ${OLDEST_NODE} or newer`);
  if (upToDate()) return;
  process.stdout.write('• dependencies: npm ci ...\n');
  const started = Date.now();
  const code = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (code !== 0) refuse('npm ci failed (its own lines are above). Check the network, then run the same command again');
  process.stdout.write(`✓ dependencies ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

/**
 * Runs a script of the repository under the project's own Node and exits with its code.
 * @param {string} script path from the repository's root @param {string[]} args @returns {Promise<never>}
 */
export async function runInstalled(script, args) {
  const path = `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH ?? ''}`;
  process.exit(await run(PROJECT_NODE, [join(ROOT, script), ...args], { env: { ...process.env, PATH: path } }));
}

/**
 * The same, after installing the locked dependencies where they are missing.
 * @param {string} script path from the repository's root @param {string[]} args @returns {Promise<never>}
 */
export async function runWithProjectNode(script, args) {
  await installDependencies();
  return runInstalled(script, args);
}
