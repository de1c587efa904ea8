import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import { migrationDataSource, runMigrations } from '#libs/database';
import { sqlClient } from '../../../tools/local/sql.ts';
import { testStores, uniqueName } from './stores.js';

/** A private database: `ownerUrl` may change the schema, `appUrl` has the rights the service has. */
export interface TestDatabase {
  ownerUrl: string;
  appUrl: string;
  /** As superuser, for checks that look past all rights. */
  adminUrl: string;
  drop(): Promise<void>;
}

type Migrations = readonly (new () => object)[];

const PASSWORD = 'test';

/**
 * A fresh, migrated database for `app` (its roles are `<app>_owner` and `<app>_app`). The first call migrates a template,
 * later ones copy it.
 */
export async function createTestDatabase(app: 'auth' | 'billing', migrations: Migrations): Promise<TestDatabase> {
  const admin = await connect(testStores().TEST_POSTGRES_URL);
  try {
    const template = await ensureTemplate(admin, app, migrations);
    const name = uniqueName(app);
    await admin.query(`CREATE DATABASE ${name} OWNER ${app}_owner TEMPLATE ${template}`);
    return {
      ownerUrl: urlFor(name, `${app}_owner`),
      appUrl: urlFor(name, `${app}_app`),
      adminUrl: urlFor(name),
      drop: () => drop(name),
    };
  } finally {
    await admin.end();
  }
}

/** One worker at a time builds the template; the others find it finished. */
async function ensureTemplate(admin: Client, app: string, migrations: Migrations): Promise<string> {
  const names = migrations.map((migration) => `${migration.name}${String(migration)}`).join('\n');
  const template = `template_${app}_${createHash('sha256').update(names).digest('hex').slice(0, 12)}`;
  await admin.query('SELECT pg_advisory_lock(hashtext($1))', [`template ${app}`]);
  try {
    const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [template]);
    if (rowCount) return template;
    await ensureRole(admin, `${app}_owner`);
    await ensureRole(admin, `${app}_app`);
    const building = uniqueName('building');
    await admin.query(`CREATE DATABASE ${building} OWNER ${app}_owner`);
    await runMigrations(migrationDataSource({ url: urlFor(building, `${app}_owner`), migrations: [...migrations] }));
    await admin.query(`ALTER DATABASE ${building} RENAME TO ${template}`);
    return template;
  } finally {
    await admin.query('SELECT pg_advisory_unlock(hashtext($1))', [`template ${app}`]);
  }
}

async function ensureRole(admin: Client, role: string): Promise<void> {
  await admin.query(
    `DO $$ BEGIN CREATE ROLE ${role} LOGIN PASSWORD '${PASSWORD}'; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
  );
}

async function drop(name: string): Promise<void> {
  const admin = await connect(testStores().TEST_POSTGRES_URL);
  try {
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  } finally {
    await admin.end();
  }
}

async function connect(url: string): Promise<Client> {
  const client = sqlClient(url);
  await client.connect();
  return client;
}

function urlFor(database: string, role?: string): string {
  const url = new URL(testStores().TEST_POSTGRES_URL);
  url.pathname = `/${database}`;
  if (role) {
    url.username = role;
    url.password = PASSWORD;
  }
  return url.toString();
}
