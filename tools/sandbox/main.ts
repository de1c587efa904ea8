import { optionsFromEnv } from './options.ts';
import { Sandbox } from './sandbox.ts';

try {
  const sandbox = await new Sandbox(optionsFromEnv(process.env)).start();
  const { control, stripe, google, fx, mailbox, smtp } = sandbox.urls;
  console.log(
    `sandbox ready: control ${control}, stripe ${stripe}, google ${google}, rates ${fx}, mailbox ${mailbox}, ${smtp}`,
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void sandbox.close().then(() => process.exit(0)));
  }
} catch (error) {
  console.error(`sandbox: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
