import {
  DataSource,
  type DataSourceOptions,
  type MixedList,
  type QueryRunner,
  QueryRunnerAlreadyReleasedError,
} from 'typeorm';
import { UnavailableError } from '#libs/errors';
import { isUnavailable } from './postgres.errors.js';
import { PreparingClient, ServiceClient } from './service-client.js';

/** What an app says about its PostgreSQL database. */
export interface DatabaseOptions {
  url: string;
  entities: MixedList<Function>;
  /** Connections at most; 10 by default. */
  poolSize?: number;
  applicationName: string;
  /** Prepares statements, once per connection; for an app whose statements are few. */
  prepares?: boolean;
}

/** Milliseconds. `query_timeout` is the client's own: the only one that fires when the server is frozen. */
const TIMEOUTS = {
  connect: 2_000,
  query: 5_000,
  statement: 4_000,
  lock: 2_000,
  idleInTransaction: 15_000,
} as const;

/** TypeORM's options for an app: no schema synchronisation, UTC, and a limit on every wait. */
export function dataSourceOptions(options: DatabaseOptions): DataSourceOptions {
  return {
    type: 'postgres',
    url: options.url,
    entities: options.entities,
    synchronize: false,
    poolSize: options.poolSize ?? 10,
    applicationName: options.applicationName,
    connectTimeoutMS: TIMEOUTS.connect,
    logging: false,
    extra: {
      query_timeout: TIMEOUTS.query,
      statement_timeout: TIMEOUTS.statement,
      lock_timeout: TIMEOUTS.lock,
      idle_in_transaction_session_timeout: TIMEOUTS.idleInTransaction,
      keepAlive: true,
      Client: options.prepares ? PreparingClient : ServiceClient,
      // Compiling a plan costs more than any statement of a service saves by it.
      options: '-c timezone=UTC -c jit=off',
    },
  };
}

interface Discardable {
  /** TypeORM's own way to hand a connection back as broken; not part of the QueryRunner interface. */
  releasePostgresConnection(error?: Error): Promise<void>;
}

/** Hands the runner's connection back as broken, so that the pool closes it and the server rolls back. */
export async function discard(runner: QueryRunner, reason: Error): Promise<void> {
  await (runner as unknown as Discardable).releasePostgresConnection(reason);
}

/**
 * A data source that reports an unreachable or too slow server as `UnavailableError` from every query, inside a
 * transaction or not, and never puts a connection back into the pool on which a query may still be running.
 */
export class ResilientDataSource extends DataSource {
  override createQueryRunner(mode: 'master' | 'slave' = 'master'): QueryRunner {
    const runner = super.createQueryRunner(mode);
    const connect = runner.connect.bind(runner);
    const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
    runner.connect = async () => {
      try {
        return await connect();
      } catch (error) {
        throw isUnavailable(error) ? new UnavailableError('The database', error) : error;
      }
    };
    runner.query = (async (...args: unknown[]) => {
      try {
        return await query(...args);
      } catch (error) {
        // Released under a query: the server cut the session, and the driver noticed first.
        if (error instanceof QueryRunnerAlreadyReleasedError) throw new UnavailableError('The database', error);
        if (!isUnavailable(error)) throw error;
        if (!hasServerCode(error)) await discard(runner, error as Error);
        throw new UnavailableError('The database', error);
      }
    }) as QueryRunner['query'];
    return runner;
  }
}

/** The server itself answered, so the connection is in a known state. */
function hasServerCode(error: unknown): boolean {
  const code = (error as { driverError?: { code?: string } }).driverError?.code ?? '';
  return code === '57014' || code === '55P03';
}

/** The data source of a `migrations/<database>/data-source.ts`; the role behind `url` owns the schema. */
export function migrationDataSource(options: { url: string; migrations: MixedList<Function> }): DataSource {
  return new DataSource({
    type: 'postgres',
    url: options.url,
    migrations: options.migrations,
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    poolSize: 2,
    applicationName: 'migrations',
    connectTimeoutMS: 5_000,
    extra: { options: '-c timezone=UTC', lock_timeout: 10_000 },
  });
}

/** Runs what is not yet applied and returns the names of the migrations that were; one run at a time per database. */
export async function runMigrations(dataSource: DataSource): Promise<string[]> {
  if (!dataSource.isInitialized) await dataSource.initialize();
  const lock = dataSource.createQueryRunner();
  try {
    await lock.query('SELECT pg_advisory_lock(727274)');
    const applied = await dataSource.runMigrations();
    return applied.map((migration) => migration.name);
  } finally {
    await lock.query('SELECT pg_advisory_unlock(727274)').catch(() => undefined);
    await lock.release();
    await dataSource.destroy();
  }
}
