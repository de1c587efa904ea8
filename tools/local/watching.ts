import { forgetBuild } from './build.ts';
import { oneLine } from './fault.ts';
import type { Stack } from './stack.ts';
import { builtState, changedServices, watchBuild } from './watch.ts';

/** Rebuilds on change and restarts the services whose built code changed; the returned function ends it. */
export function startWatching(root: string, stack: Stack, say: (line: string) => void): () => void {
  let running = builtState(root);
  let queue = Promise.resolve();

  async function apply(): Promise<void> {
    const built = builtState(root);
    const changed = changedServices(running, built);
    const migrate = built.migrations !== running.migrations;
    running = built;
    if (migrate) await stack.migrate();
    for (const app of changed) {
      say(`• ${app} restarts`);
      await stack.services[app]?.restart();
      say(`✓ ${app} runs the new build`);
    }
  }

  // From here on `dist/` follows the sources by itself, whatever they were when it was last built as a whole.
  forgetBuild(root);
  const compiler = watchBuild(
    root,
    () => {
      queue = queue.then(apply).catch((error: unknown) => say(`✗ ${oneLine(error)}`));
    },
    say,
  );
  say('• watching for changes');
  return () => void compiler.kill();
}
