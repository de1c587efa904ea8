import { describe, expect, it } from 'vitest';
import { migrationDataSource } from '#libs/database';
import { createTestDatabase } from '#libs/testing';
import { migrations as auth } from './auth/index.js';
import { migrations as billing } from './billing/index.js';

describe.each([
  { app: 'auth', migrations: auth },
  { app: 'billing', migrations: billing },
] as const)('the migrations of $app', ({ app, migrations }) => {
  it('can be taken back one by one and applied again', async () => {
    const undone = await createTestDatabase(app, migrations);
    const source = await migrationDataSource({ url: undone.ownerUrl, migrations: [...migrations] }).initialize();
    try {
      for (const _ of migrations) await source.undoLastMigration();
      const left = await source.query<{ tablename: string }[]>(
        `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`,
      );
      expect(left.map(({ tablename }) => tablename)).toEqual(['schema_migrations']);
      const functions = await source.query<{ proname: string }[]>(
        `SELECT proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')`,
      );
      expect(functions).toEqual([]);
      expect(await source.runMigrations()).toHaveLength(migrations.length);
    } finally {
      await source.destroy();
      await undone.drop();
    }
  });
});
