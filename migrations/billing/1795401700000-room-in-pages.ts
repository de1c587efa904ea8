import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rows that are written once and changed once: a page that has room for the change needs no new index entry (heap-only tuple). */
const ROOM = { idempotency_keys: 40, quotes: 50 };

/** Leaves room in new pages for the answer to a key and the use of a quote. */
export class RoomInPages1795401700000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [table, percent] of Object.entries(ROOM))
      await runner.query(`ALTER TABLE ${table} SET (fillfactor = ${percent})`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of Object.keys(ROOM)) await runner.query(`ALTER TABLE ${table} RESET (fillfactor)`);
  }
}
