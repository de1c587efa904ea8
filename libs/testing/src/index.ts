export { campaignSize } from './campaign-size.js';
export { compiledModules } from './compiled-modules.js';
export { createTestMongoDatabase, type TestMongoDatabase } from './mongo.js';
export { createTestDatabase, type TestDatabase } from './postgres.js';
export { TestProxy } from './proxy.js';
export { testNamespace, testRedisUrl, testStores, uniqueName } from './stores.js';
export { TestIssuer } from './tokens.js';
export { startTracing } from './tracing.js';
export { sqlClient, sqlPool } from '../../../tools/local/sql.ts';
