import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, postgresDirectory, rabbitServer } from './binaries.ts';
import { StackFault } from './fault.ts';
import { isRoot } from './os-user.ts';
import type { Steps } from './steps.ts';

/** A program the stack or its tests need from the machine's packages. */
export type Tool = 'postgres' | 'redis' | 'rabbit' | 'chromium';

const PACKAGE: Record<Tool, string> = {
  postgres: 'postgresql',
  redis: 'redis-server',
  rabbit: 'rabbitmq-server',
  chromium: 'chromium',
};
const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const FIND: Record<Tool, () => string | undefined> = {
  postgres: postgresDirectory,
  redis: () => findProgram('redis-server'),
  rabbit: rabbitServer,
  chromium: () => findProgram(...CHROMIUM_NAMES),
};

/** The browser for page tests, or undefined. */
export const chromiumPath = (): string | undefined => FIND.chromium();

const UNIT_DIRECTORY = '/etc/systemd/system';
/** The units of the packages above and of what they bring along. */
const OUR_UNITS = /^(postgresql|redis|rabbitmq|epmd)/;
const NO_CLUSTER = '/etc/postgresql-common/createcluster.d/no-main-cluster.conf';
const POLICY = '/usr/sbin/policy-rc.d';

/** The links that enable those units, read from where systemd itself reads them (there may be no systemd running to ask). */
function enablingLinks(): string[] {
  if (!existsSync(UNIT_DIRECTORY)) return [];
  const entries = readdirSync(UNIT_DIRECTORY, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isSymbolicLink() && OUR_UNITS.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Runs a command quietly; its last words go into the fault when it fails. */
function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4_000)));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) return resolve();
      const words =
        output.split('\n').findLast((line) => /^(E:|Err|dpkg: error)/.test(line)) ??
        output.trim().split('\n').at(-1) ??
        '';
      reject(new StackFault(`${command} ${args.join(' ')} failed: ${words}`));
    });
  });
}

/** Runs the work with temporary files in place, each only where none exists, and takes them and the folders made for them away again. */
async function withFiles(
  files: { path: string; text: string; mode: number }[],
  work: () => Promise<void>,
): Promise<void> {
  const undo: (() => void)[] = [];
  try {
    for (const { path, text, mode } of files) {
      if (existsSync(path)) continue;
      const folder = path.slice(0, path.lastIndexOf('/'));
      const made = mkdirSync(folder, { recursive: true });
      writeFileSync(path, text, { mode });
      undo.push(() => {
        rmSync(path, { force: true });
        if (made) removeIfEmpty(folder);
      });
    }
    await work();
  } finally {
    for (const step of undo) step();
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // The package has put its own files there meanwhile.
  }
}

async function install(packages: string[]): Promise<void> {
  const before = new Set(enablingLinks());
  const apt = ['-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', 'install', ...packages];
  const files = [
    { path: POLICY, text: '#!/bin/sh\nexit 101\n', mode: 0o755 },
    { path: NO_CLUSTER, text: 'create_main_cluster = false\nstart_conf = manual\n', mode: 0o644 },
  ];
  await withFiles(files, async () => {
    await run('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', 'update']);
    await run('apt-get', apt, { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1' });
  });
  // What a service package enables by itself would start at the next boot and take the default ports.
  for (const link of enablingLinks()) if (!before.has(link)) rmSync(link);
}

/** Makes sure the tools are there: installs the missing ones with apt as root, or fails with the exact command to type. */
export async function ensureTools(tools: Tool[], steps: Steps): Promise<void> {
  const missing = tools.filter((tool) => !FIND[tool]()).map((tool) => PACKAGE[tool]);
  if (missing.length === 0) return;
  const list = missing.join(' ');
  if (!findProgram('apt-get')) {
    throw new StackFault(
      `missing on this machine: ${list}`,
      'Install them, or install Docker and run: npm run up -- --docker',
    );
  }
  const command = `apt-get update && apt-get install --no-install-recommends ${list}`;
  if (!isRoot()) throw new StackFault(`missing on this machine: ${list}`, `Run: sudo sh -c '${command}'`);
  steps.note(`Installing with apt: ${list} (their system services are neither started nor enabled)`);
  await steps.step(`packages ${list}`, () => install(missing), true);
  const still = tools.filter((tool) => !FIND[tool]()).map((tool) => PACKAGE[tool]);
  if (still.length > 0)
    throw new StackFault(`still missing after installation: ${still.join(' ')}`, 'Install them by hand');
}
