import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NotificationLab } from './lab.js';

const lab = new NotificationLab();
// Nobody listens there.
beforeAll(() => lab.start({ NOTIFICATION_MONGODB_URL: 'mongodb://127.0.0.1:9/notification' }));
afterAll(() => lab.stop());

it('starts and answers 503 while MongoDB is away', async () => {
  const status = async (path: string) => (await lab.call('GET', path, { userId: randomUUID() })).status;
  expect(await status('/health/live')).toBe(200);
  for (let time = 0; time < 2; time++) {
    expect(await status('/health/ready')).toBe(503);
    expect(await status('/notifications')).toBe(503);
  }
});
