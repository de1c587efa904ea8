import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeAt } from '../demo/authenticator.ts';
import { DEMO_SUPERUSER, DEMO_USERS } from '../demo/users.ts';
import { APPS, at, type Ports } from './addresses.ts';
import { builtFrom } from './build.ts';
import type { Stack } from './stack.ts';
import type { Steps } from './steps.ts';

/** The superuser the environment names, beside the demonstration's. */
function ownSuperuser(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv | undefined {
  const { SUPERUSER_EMAIL, SUPERUSER_PASSWORD } = given;
  return SUPERUSER_EMAIL && SUPERUSER_PASSWORD ? { SUPERUSER_EMAIL, SUPERUSER_PASSWORD } : undefined;
}

/** Puts the demonstration data in place; each command may be run again and again. */
async function seed(stack: Stack): Promise<void> {
  const own = ownSuperuser(stack.environment);
  await Promise.all([
    stack.command('auth', ['seed:demo']),
    stack.command('billing', ['seed:demo']),
    own && stack.command('auth', ['create-superuser'], own),
  ]);
}

/** Seeds unless this very build, with this superuser, has already seeded the private database; the mark lies beside its data and goes with it. */
async function seedOnce(stack: Stack, steps: Steps, root: string): Promise<void> {
  const mark = stack.stores.postgres && join(stack.directoryOf('postgres'), 'seeded');
  const version = JSON.stringify([builtFrom(root), ownSuperuser(stack.environment)]);
  if (mark && existsSync(mark) && readFileSync(mark, 'utf8') === version) return;
  await steps.step('demonstration data', () => seed(stack));
  if (mark) writeFileSync(mark, version, { mode: 0o600 });
}

/** Brings a stack from nothing to serving, doing side by side what does not depend on each other. */
export async function boot(root: string, stack: Stack, steps: Steps, built: Promise<void>): Promise<void> {
  const rabbit = stack.startStore('rabbit');
  const others = Promise.all([stack.startStore('redis'), stack.startStore('mongo')]);
  const sandbox = steps.step('sandbox', () => stack.startSandbox());
  const migrated = Promise.all([built, stack.startStore('postgres')]).then(() =>
    steps.step('migrations', () => stack.migrate()),
  );
  const seeded = Promise.all([migrated, others]).then(() => seedOnce(stack, steps, root));
  await Promise.all([seeded, sandbox, rabbit]);
  await Promise.all(APPS.map((app) => steps.step(app, () => stack.startService(app))));
}

/** The table shown when everything is ready. */
export function table(ports: Ports, given: NodeJS.ProcessEnv): string {
  const own = ownSuperuser(given);
  const { email, password, totpSecret } = DEMO_SUPERUSER;
  const rows: string[][] = [
    ['auth', `${at(ports.auth)}/docs`],
    ['billing', `${at(ports.billing)}/docs`],
    ['notification', `${at(ports.notification)}/docs`],
    ['sign-in page', `${at(ports.auth)}/oauth/`],
    ['plans page', `${at(ports.billing)}/subscribe`],
    ['admin panel', `${at(ports.notification)}/admin`],
    ['mailbox', at(ports.mailbox)],
    ['', ''],
    ['superuser', `${email}  ${password}`],
    ['  second step', `code ${codeAt(totpSecret, Date.now())} now; key for an authenticator app: ${totpSecret}`],
    ...(own ? [['superuser', `${own['SUPERUSER_EMAIL']}  (sets up a second step at ${at(ports.auth)}/oauth/)`]] : []),
    ...DEMO_USERS.emails.map((address) => ['user', `${address}  ${DEMO_USERS.password}`]),
  ];
  return rows.map(([name = '', value = '']) => `  ${name.padEnd(14)} ${value}`.trimEnd()).join('\n');
}
