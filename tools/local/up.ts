// `npm run up [-- --fresh] [-- --watch] [-- --docker]`: the whole product on this machine, until Ctrl-C or `npm run down`.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { localPorts } from './addresses.ts';
import { boot, table } from './boot.ts';
import { build, isBuilt } from './build.ts';
import { composeUp } from './docker.ts';
import { oneLine } from './fault.ts';
import { ensureTools, type Tool } from './packages.ts';
import { stopRecorded } from './process-record.ts';
import { releaseStack, takeStack } from './run-lock.ts';
import { Stack } from './stack.ts';
import { Steps } from './steps.ts';
import { givenUrls, type StoreName } from './store-urls.ts';
import { supervise } from './supervisor.ts';
import { startWatching } from './watching.ts';
import { RECORD } from './workspace.ts';

const root = join(import.meta.dirname, '../..');
const directory = join(root, '.local');
const DATA = ['postgres', 'redis', 'rabbit', 'mongo', 'sandbox'];
const TOOLS: Partial<Record<StoreName, Tool>> = { postgres: 'postgres', redis: 'redis', rabbit: 'rabbit' };

const steps = new Steps((line) => console.log(line));
let stopping: Promise<void> | undefined;

function stopOnSignals(stop: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      console.log('\nStopping ...');
      stopping = stop().finally(() => process.exit(0));
    });
  }
}

async function up(flags: { fresh: boolean; watch: boolean }): Promise<void> {
  takeStack(directory);
  const left = await stopRecorded(join(directory, RECORD));
  if (left.length > 0) steps.note(`Stopped what an earlier run left behind: ${left.join(', ')}`);
  rmSync(join(directory, 'logs'), { recursive: true, force: true });
  if (flags.fresh) for (const name of DATA) rmSync(join(directory, name), { recursive: true, force: true });

  const ports = localPorts(process.env);
  const stack = new Stack({
    root,
    directory,
    cacheDirectory: join(directory, 'cache'),
    ports,
    given: process.env,
    steps,
  });
  let unwatch: (() => void) | undefined;
  let tools: Promise<void> = Promise.resolve();
  const stop = async () => {
    unwatch?.();
    // A package installation is not cut short: the package manager would have to be repaired by hand.
    await tools.catch(() => undefined);
    await stack.stop();
    releaseStack(directory);
  };
  stopOnSignals(stop);
  try {
    await stack.assertPortsFree();
    const wanted = Object.entries(TOOLS).filter(([store]) => !givenUrls(store as StoreName, process.env));
    tools = ensureTools(
      wanted.map(([, tool]) => tool),
      steps,
    );
    await tools;
    const built = isBuilt(root) ? Promise.resolve() : steps.step('build', () => build(root, stack.signal), true);
    await boot(root, stack, steps, built);
    for (const one of [...Object.values(stack.stores), stack.sandbox, ...Object.values(stack.services)]) {
      if (one) supervise(one, (line) => steps.note(line));
    }
    if (flags.watch) unwatch = startWatching(root, stack, (line) => steps.note(line));
    console.log(
      `\nReady in ${steps.total}\n\n${table(ports, process.env)}\n\nLogs are in .local/logs. Ctrl-C or \`npm run down\` stops everything.`,
    );
  } catch (error) {
    // Asked to stop while it started: that is not a failure.
    if (stopping) return stopping;
    console.error(`✗ ${oneLine(error)}`);
    await stop();
    process.exitCode = 1;
  }
}

const { values } = parseArgs({
  options: {
    fresh: { type: 'boolean', default: false },
    watch: { type: 'boolean', default: false },
    docker: { type: 'boolean', default: false },
  },
});
if (existsSync(join(root, '.env'))) process.loadEnvFile(join(root, '.env'));
try {
  if (values.docker) process.exitCode = await composeUp(root);
  else await up(values);
} catch (error) {
  console.error(`✗ ${oneLine(error)}`);
  process.exitCode = 1;
}
