import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Identifiers of transactions grow with time (UUID version 7). Where an index begins with one, new entries all go to its last page, so that a
 * posting touches as many pages in a large ledger as in a small one; an index by user first has a page of its own for each of them.
 */
const UP = [
  'ALTER TABLE ledger_transactions DROP CONSTRAINT pk_ledger_transactions',
  'ALTER TABLE ledger_transactions ADD CONSTRAINT pk_ledger_transactions PRIMARY KEY (id, user_id)',
  'DROP INDEX ix_ledger_entries_transaction',
  'CREATE INDEX ix_ledger_entries_transaction ON ledger_entries (transaction_id)',
];

const DOWN = [
  'ALTER TABLE ledger_transactions DROP CONSTRAINT pk_ledger_transactions',
  'ALTER TABLE ledger_transactions ADD CONSTRAINT pk_ledger_transactions PRIMARY KEY (user_id, id)',
  'DROP INDEX ix_ledger_entries_transaction',
  'CREATE INDEX ix_ledger_entries_transaction ON ledger_entries (user_id, transaction_id)',
];

/** What is found by a transaction's identifier is found by it alone. */
export class LedgerByTime1795402500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
