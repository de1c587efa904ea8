// `npm test [filter]`: all tests on private stores; the last line is the tally.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, isBuilt } from '../local/build.ts';
import { oneLine } from '../local/fault.ts';
import { chromiumPath, ensureTools } from '../local/packages.ts';
import { Steps } from '../local/steps.ts';
import { claimWorkspace, stopBelow } from '../local/workspace.ts';
import { startTestStores } from './stores.ts';
import { exitCodeOf, lastLine, total, type TestRun } from './tally.ts';
import { runVitest, stopVitest } from './vitest.ts';

const root = join(import.meta.dirname, '../..');
const local = join(root, '.local');
const filters = process.argv.slice(2);
const steps = new Steps((line) => console.log(line));
const directory = await claimWorkspace(local, 'test');

const abort = new AbortController();
let prepared: Promise<unknown> = Promise.resolve();

async function cleanUp(): Promise<void> {
  abort.abort();
  await stopVitest();
  await prepared.catch(() => undefined);
  await stopBelow(directory);
  rmSync(directory, { recursive: true, force: true });
}

let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (interrupted) return;
    interrupted = true;
    console.error(`${signal}: stopping`);
    void cleanUp().finally(() => process.exit(1));
  });
}

/** Everything the integration and end-to-end tests need: tools, stores, the built services. */
async function prepare(): Promise<NodeJS.ProcessEnv> {
  await ensureTools(['postgres', 'redis', 'rabbit', 'chromium'], steps);
  const [stores] = await Promise.all([
    steps.step('stores', () => startTestStores(directory, join(local, 'cache'), process.env, abort.signal)),
    isBuilt(root) ? undefined : steps.step('build', () => build(root, abort.signal)),
  ]);
  return {
    ...process.env,
    ...stores,
    // A process that finds its modules compiled starts in two thirds of the time, and holds a tenth more memory.
    NODE_COMPILE_CACHE: join(local, 'cache/compiled'),
    CHROMIUM_PATH: process.env['CHROMIUM_PATH'] ?? chromiumPath(),
    TEST_DIRECTORY: directory,
  };
}

const crashed: TestRun = { report: undefined, exitCode: 1 };

/** A fault becomes one printed line and one failure in the tally. */
async function orCrashed(work: Promise<TestRun>): Promise<TestRun> {
  return work.catch((error: unknown) => {
    if (!interrupted) console.error(oneLine(error));
    return crashed;
  });
}

const environment = prepare();
prepared = environment;
const runs = await Promise.all([
  orCrashed(runVitest(root, ['unit'], filters, join(directory, 'unit.json'), process.env)),
  orCrashed(
    environment.then((env) =>
      runVitest(root, ['integration', 'e2e', 'alone'], filters, join(directory, 'stores.json'), env),
    ),
  ),
]);
if (!interrupted) {
  await cleanUp();
  const tally = total(runs);
  console.log(`all tests ${steps.total}`);
  console.log(lastLine(tally));
  process.exitCode = exitCodeOf(tally);
}
