import { createHash } from 'node:crypto';
import type pg from 'pg';
import { sqlClient } from '../sql.ts';
import type { StoreUrls } from '../store-urls.ts';

const APPS = ['auth', 'billing'] as const;

type DatabaseUrls = Pick<
  StoreUrls,
  'AUTH_DATABASE_URL' | 'AUTH_DATABASE_MIGRATION_URL' | 'BILLING_DATABASE_URL' | 'BILLING_DATABASE_MIGRATION_URL'
>;

/** How the databases of a stack are called and protected. */
export interface ProvisionOptions {
  /** Appended to the names of the databases; the roles belong to the whole server. */
  suffix?: string;
  /** One password for all roles, where others who use the server know it; derived from the superuser's otherwise. */
  rolePassword?: string;
}

/** A role's password follows from the superuser's, so that several stacks on one server agree on it. */
function derivedPassword(role: string, superuserUrl: URL): string {
  return createHash('sha256').update(`${superuserUrl.password}:${role}`).digest('hex').slice(0, 32);
}

async function connected<T>(url: URL, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = sqlClient(url.href);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function urlOf(superuserUrl: URL, role: string, password: string, database: string): URL {
  const url = new URL(superuserUrl);
  url.username = role;
  url.password = password;
  url.pathname = `/${database}`;
  return url;
}

const superuserAt = (superuserUrl: URL, database: string): URL =>
  Object.assign(new URL(superuserUrl), { pathname: `/${database}` });

async function createRole(client: pg.Client, role: string, password: string): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  await client.query(
    `${rowCount ? 'alter' : 'create'} role ${role} login nosuperuser nocreatedb nocreaterole password '${password}'`,
  );
}

async function createDatabase(client: pg.Client, database: string, owner: string): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database]);
  if (!rowCount) await client.query(`create database ${database} owner ${owner}`);
  await client.query(`revoke all on database ${database} from public`);
}

/**
 * Creates, where missing, the databases of auth and billing with two roles each: the owner, who migrates, and the application's own,
 * which may connect and look at the schema; what it may do to tables is granted by the migrations.
 */
export async function provision(superuser: string, options: ProvisionOptions = {}): Promise<DatabaseUrls> {
  const { suffix = '', rolePassword } = options;
  const superuserUrl = new URL(superuser);
  const passwordOf = (role: string): string => rolePassword ?? derivedPassword(role, superuserUrl);
  const parts = APPS.map((app) => ({ app, database: `${app}_db${suffix}`, owner: `${app}_owner`, role: `${app}_app` }));
  await connected(superuserUrl, async (client) => {
    // One at a time: two stacks on one server would change the same role rows.
    await client.query('select pg_advisory_lock(417001)');
    for (const { database, owner, role } of parts) {
      for (const name of [owner, role]) await createRole(client, name, passwordOf(name));
      await createDatabase(client, database, owner);
      await client.query(`grant connect on database ${database} to ${role}`);
    }
  });
  await Promise.all(
    parts.map(({ database, owner, role }) =>
      connected(superuserAt(superuserUrl, database), async (client) => {
        await client.query(`alter schema public owner to ${owner}`);
        await client.query(`grant usage on schema public to ${role}`);
      }),
    ),
  );
  const url = (app: 'auth' | 'billing', kind: 'app' | 'owner') => {
    const role = `${app}_${kind}`;
    return urlOf(superuserUrl, role, passwordOf(role), `${app}_db${suffix}`).href;
  };
  return {
    AUTH_DATABASE_URL: url('auth', 'app'),
    AUTH_DATABASE_MIGRATION_URL: url('auth', 'owner'),
    BILLING_DATABASE_URL: url('billing', 'app'),
    BILLING_DATABASE_MIGRATION_URL: url('billing', 'owner'),
  };
}

/** Drops the databases that `provision` made with this suffix, whoever is connected. */
export async function dropDatabases(superuser: string, suffix: string): Promise<void> {
  await connected(new URL(superuser), async (client) => {
    for (const app of APPS) await client.query(`drop database if exists ${app}_db${suffix} with (force)`);
  });
}
