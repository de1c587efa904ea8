import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#libs/testing';
import { migrations } from '../../../../migrations/billing/index.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase('billing', migrations);
});
afterAll(() => database.drop());
describe('x', () => {
  it('migrates', () => {
    expect(randomUUID()).toBeTruthy();
  });
});
