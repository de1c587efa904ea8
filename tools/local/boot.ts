import { APPS, at, type Ports } from './addresses.ts';
import type { Stack } from './stack.ts';
import type { Steps } from './steps.ts';

/** The administrator that every local stack has, where the environment names no other. */
export const SUPERUSER = { SUPERUSER_EMAIL: 'super@cinema.example', SUPERUSER_PASSWORD: 'local-superuser-passphrase' };

const superuser = (given: NodeJS.ProcessEnv): typeof SUPERUSER => ({
  SUPERUSER_EMAIL: given['SUPERUSER_EMAIL'] || SUPERUSER.SUPERUSER_EMAIL,
  SUPERUSER_PASSWORD: given['SUPERUSER_PASSWORD'] || SUPERUSER.SUPERUSER_PASSWORD,
});

/** Puts the demonstration data in place; each command may be run again and again. */
async function seed(stack: Stack): Promise<void> {
  await stack.command('auth', ['seed:demo']);
  await Promise.all([
    stack.command('auth', ['create-superuser'], superuser(stack.environment)),
    stack.command('billing', ['seed:demo']),
  ]);
}

/** Brings a stack from nothing to serving, doing side by side what does not depend on each other. */
export async function boot(stack: Stack, steps: Steps, built: Promise<void>): Promise<void> {
  const rabbit = stack.startStore('rabbit');
  const others = Promise.all([stack.startStore('redis'), stack.startStore('mongo')]);
  const sandbox = steps.step('sandbox', () => stack.startSandbox());
  const migrated = Promise.all([built, stack.startStore('postgres')]).then(() =>
    steps.step('migrations', () => stack.migrate()),
  );
  const seeded = Promise.all([migrated, others, rabbit]).then(() =>
    steps.step('demonstration data', () => seed(stack)),
  );
  await Promise.all([seeded, sandbox]);
  await Promise.all(APPS.map((app) => steps.step(app, () => stack.startService(app))));
}

/** The table shown when everything is ready. */
export function table(ports: Ports, given: NodeJS.ProcessEnv): string {
  const { SUPERUSER_EMAIL, SUPERUSER_PASSWORD } = superuser(given);
  const rows: [string, string][] = [
    ['auth', `${at(ports.auth)}/docs`],
    ['billing', `${at(ports.billing)}/docs`],
    ['notification', `${at(ports.notification)}/docs`],
    ['sign-in page', `${at(ports.auth)}/oauth/`],
    ['admin panel', `${at(ports.notification)}/admin`],
    ['mailbox', at(ports.mailbox)],
    ['', ''],
    ['superuser', `${SUPERUSER_EMAIL}  ${SUPERUSER_PASSWORD}`],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(14)} ${value}`.trimEnd()).join('\n');
}
