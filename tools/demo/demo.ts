import { StepFailed } from './client.ts';
import { newJourney, steps } from './journey.ts';
import { DEMO_SUPERUSER } from './users.ts';

/** Addresses of the running stack, as `npm run up` prints them. */
const endpoints = {
  auth: process.env.AUTH_PUBLIC_URL ?? 'http://127.0.0.1:3001',
  billing: process.env.BILLING_PUBLIC_URL ?? 'http://127.0.0.1:3002',
  notification: process.env.NOTIFICATION_PUBLIC_URL ?? 'http://127.0.0.1:3003',
  mailbox: process.env.SANDBOX_MAILBOX_URL ?? 'http://127.0.0.1:4504',
};

const running = await fetch(`${endpoints.auth}/health/live`, { signal: AbortSignal.timeout(2_000) }).catch(
  () => undefined,
);
if (!running?.ok) {
  console.error(`Nothing answers at ${endpoints.auth}. Start the stack first: npm run up`);
  process.exit(1);
}

const journey = newJourney(endpoints, DEMO_SUPERUSER);
const began = performance.now();
for (const [index, step] of steps.entries()) {
  const label = `${String(index + 1).padStart(2)}. ${step.title}`;
  const from = performance.now();
  try {
    const result = await step.run(journey);
    console.log(`${label}\n    ok: ${result} (${Math.round(performance.now() - from)} ms)`);
  } catch (error) {
    console.error(`${label}\n    FAILED: ${error instanceof StepFailed ? error.message : (error as Error).stack}`);
    process.exit(1);
  }
}
console.log(`\nAll ${steps.length} steps passed in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
