import { join } from 'node:path';
import type { Running } from '../local/daemon.ts';
import { freePort } from '../local/ports.ts';
import { ProcessRecord } from '../local/process-record.ts';
import { startMongo } from '../local/stores/mongo.ts';
import { startPostgres } from '../local/stores/postgres.ts';
import { startRabbit } from '../local/stores/rabbit.ts';
import { startRedis } from '../local/stores/redis.ts';
import { RECORD } from '../local/workspace.ts';

/** The stores that integration tests expect, by the variable that names each; one that is already set is used as it is. */
export async function startTestStores(
  directory: string,
  cacheDirectory: string,
  given: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<NodeJS.ProcessEnv> {
  const record = new ProcessRecord(join(directory, RECORD));
  const logDirectory = join(directory, 'logs');
  const place = async (name: string) => ({
    directory: join(directory, name),
    port: await freePort(),
    logDirectory,
    record,
    signal,
  });
  const starters: Record<string, () => Promise<Running>> = {
    TEST_POSTGRES_URL: async () => startPostgres(await place('postgres')),
    TEST_REDIS_URL: async () => startRedis(await place('redis')),
    TEST_RABBITMQ_URL: async () => startRabbit(await place('rabbit')),
    TEST_MONGODB_URL: async () => startMongo({ ...(await place('mongo')), cacheDirectory }),
  };
  const urls = Object.entries(starters).map(
    async ([name, start]) => [name, given[name] ?? (await start()).url] as const,
  );
  return Object.fromEntries(await Promise.all(urls));
}
