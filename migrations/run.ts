import { InvalidSettingsError } from '#libs/config';
import { migrationDataSource, runMigrations } from '#libs/database';
import { migrations as authMigrations } from './auth/index.js';
import { migrations as billingMigrations } from './billing/index.js';
import { AuthMigrationConfig, BillingMigrationConfig } from './migration.config.js';

/** Each database with its migrations; the address is read only for the one that is asked for. */
const DATABASES = {
  auth: () => ({ url: new AuthMigrationConfig().AUTH_DATABASE_MIGRATION_URL, migrations: authMigrations }),
  billing: () => ({
    url: new BillingMigrationConfig().BILLING_DATABASE_MIGRATION_URL,
    migrations: billingMigrations,
  }),
};

/** `node dist/migrations/run.js <auth|billing>`: applies what is missing and names it. */
async function main(name: string | undefined): Promise<void> {
  if (name !== 'auth' && name !== 'billing') throw new Error('usage: run.js <auth|billing>');
  const applied = await runMigrations(migrationDataSource(DATABASES[name]()));
  console.log(applied.length > 0 ? `${name}: applied ${applied.join(', ')}` : `${name}: up to date`);
}

try {
  await main(process.argv[2]);
} catch (error) {
  console.error(
    error instanceof InvalidSettingsError ? error.message : `migration failed: ${(error as Error).message}`,
  );
  process.exitCode = 1;
}
