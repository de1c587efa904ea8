import { settings, urlWith } from '#libs/config';

const postgresUrl = urlWith('postgres:', 'postgresql:');

/** What the migrations of auth_db read from the environment. */
export class AuthMigrationConfig extends settings({
  AUTH_DATABASE_MIGRATION_URL: postgresUrl({
    desc: 'auth_db as the role that owns its schema; read by the migrations only',
    example: 'postgres://auth_owner:secret@auth_db:5432/auth_db',
  }),
}) {}

/** What the migrations of billing_db read from the environment. */
export class BillingMigrationConfig extends settings({
  BILLING_DATABASE_MIGRATION_URL: postgresUrl({
    desc: 'billing_db as the role that owns its schema; read by the migrations only',
    example: 'postgres://billing_owner:secret@billing_db:5432/billing_db',
  }),
}) {}
