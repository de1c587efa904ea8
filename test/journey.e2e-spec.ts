import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newJourney, steps } from '../tools/demo/journey.ts';
import { startTestStack, type TestStack } from '../tools/local/test-stack.ts';
import { settled } from './settled.js';

/** Where PostgreSQL, Redis, RabbitMQ and MongoDB of the machine itself would listen. */
const DEFAULT_PORTS = [5432, 6379, 5672, 27017];

describe('the main job', () => {
  let stack: TestStack;
  const decoys: Server[] = [];
  let touched = 0;

  beforeAll(async () => {
    for (const port of DEFAULT_PORTS) decoys.push(await decoy(port));
    stack = await startTestStack({ seed: true });
  });

  afterAll(async () => {
    await stack?.stop();
    for (const server of decoys) server.close();
  });

  /** Listens where the machine's own server would, and counts who comes; where one really runs, it stays as it is. */
  function decoy(port: number): Promise<Server> {
    const server = createServer((socket) => {
      touched += 1;
      socket.destroy();
    });
    return new Promise((resolve) => {
      server.once('error', () => resolve(server));
      server.listen(port, '127.0.0.1', () => resolve(server));
    });
  }

  it("is done from sign-up to an administrator's message, twice in a row", async () => {
    for (let round = 0; round < 2; round += 1) {
      const journey = newJourney(stack.url, stack.superuser);
      for (const step of steps) await step.run(journey);
    }
    expect(await settled(stack)).toMatchObject({ drifted: [], succeeded: 4, captured: 4, credited: 4 });
  });

  it("leaves the servers on the machine's default ports alone", () => {
    expect(touched).toBe(0);
  });
});
