import { randomBytes } from 'node:crypto';
import { settings, str, urlWith, wholeNumber } from '#libs/config';

/** Where the test runner put the stores. */
class TestStores extends settings({
  TEST_POSTGRES_URL: urlWith('postgres:', 'postgresql:')({ desc: 'PostgreSQL as a superuser' }),
  TEST_REDIS_URL: urlWith('redis:')({ desc: 'Redis' }),
  TEST_RABBITMQ_URL: urlWith('amqp:')({ desc: 'RabbitMQ' }),
  TEST_MONGODB_URL: urlWith('mongodb:')({ desc: 'MongoDB' }),
  CHROMIUM_PATH: str({ default: '/usr/bin/chromium', desc: 'The browser of the browser tests' }),
  VITEST_POOL_ID: wholeNumber(0, 1000)({ default: 1, desc: 'Which of the parallel workers this is' }),
}) {}

let parsed: TestStores | undefined;

/** The stores' addresses; throws InvalidSettingsError outside `npm test`. */
export function testStores(): TestStores {
  return (parsed ??= new TestStores());
}

/** A name nobody else uses: lower case letters and digits, safe for databases, queues and keys. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`;
}

/** Redis with a database of this worker's own, so that parallel files do not meet. */
export function testRedisUrl(): string {
  const { TEST_REDIS_URL, VITEST_POOL_ID } = testStores();
  return `${TEST_REDIS_URL}/${VITEST_POOL_ID % 16}`;
}

/** A prefix for the exchange and queues of one test file. */
export function testNamespace(): string {
  return `${uniqueName('t')}.`;
}
