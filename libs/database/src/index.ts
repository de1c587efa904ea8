export { Batcher } from './batcher.js';
export { type DatabaseAsyncOptions, DatabaseModule } from './database.module.js';
export { type DatabaseOptions, migrationDataSource, runMigrations } from './data-source.js';
export { mongoInBackground } from './mongo-connection.js';
export { ignoringDuplicates } from './mongo.errors.js';
export { unorderedWrite } from './mongo-writes.js';
export { isRetryable, violatedConstraint } from './postgres.errors.js';
export { outboxTablesDownV1, outboxTablesUpV1 } from './event-tables.js';
export { TransactionTimeoutError, UnitOfWork, type UnitOfWorkOptions } from './unit-of-work.js';
