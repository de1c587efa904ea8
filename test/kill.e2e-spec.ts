import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newJourney, steps } from '../tools/demo/journey.ts';
import { startTestStack, type TestStack } from '../tools/local/test-stack.ts';
import { settled } from './settled.js';

/** Each service is killed while this step runs, where it has the most to lose. */
const KILLED_DURING = {
  auth: ['sign up', 'sign in'],
  billing: [
    'top up: start a checkout',
    'pay with card 4242 on the hosted page',
    'buy a 3-month subscription through the checkout',
  ],
  notification: [
    'the signed webhook settles it in the ledger',
    'an administrator sends "a new film is out" to all users',
  ],
} as const;

const cases = Object.entries(KILLED_DURING).flatMap(([service, titles]) =>
  titles.map((title) => ({ service: service as keyof typeof KILLED_DURING, title })),
);

describe('a service killed in the middle of the main job', () => {
  let stack: TestStack;
  let journeys = 0;
  /** One sign-in serves all journeys: the codes of a second factor come one in half a minute. */
  let adminToken = '';

  beforeAll(async () => {
    stack = await startTestStack({ seed: true });
  });

  afterAll(() => stack?.stop());

  it.each(cases)(
    '$service, during "$title": the job can be finished, nothing lost or doubled',
    async ({ service, title }) => {
      const journey = { ...newJourney(stack.url, stack.superuser), adminToken };
      const daemon = stack.stack.services[service]!;
      expect(steps.map((step) => step.title)).toContain(title);
      for (const step of steps) {
        if (step.title !== title) {
          await step.run(journey);
          continue;
        }
        const running = step.run(journey);
        await daemon.kill('SIGKILL');
        await daemon.start();
        await running;
      }
      journeys += 1;
      ({ adminToken } = journey);
      const books = await settled(stack);
      expect(books).toMatchObject({
        drifted: [],
        succeeded: 2 * journeys,
        captured: 2 * journeys,
        credited: 2 * journeys,
      });
    },
  );
});
