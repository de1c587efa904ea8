import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BooksLab } from '../../test/money/books-lab.js';

/** A payment of 10.00 with a refund and a dispute, each able to be changed by whoever has all rights. */
describe('the database, whatever the code does,', () => {
  let lab: BooksLab;
  const id = randomUUID();
  beforeAll(async () => {
    lab = await BooksLab.open();
    await lab.sql.query(
      `INSERT INTO payments (id, user_id, purpose, amount_minor, currency, description, snapshot, client_key, return_path, expires_at, session_expires_at, session_id, intent_id)
       VALUES ($1, $1, 'top_up', 1000, 'EUR', '', '{}', 'key', '', now(), now(), 'cs_1', 'pi_1')`,
      [id],
    );
    await lab.sql.query(
      `INSERT INTO refunds (id, payment_id, amount_minor, status, reason, requested_by, client_key, provider_id)
       VALUES ($1, $1, 400, 'succeeded', '', '', 'key', 're_1')`,
      [id],
    );
  });
  afterAll(() => lab.close());

  const again = (table: string, change: string): string =>
    `INSERT INTO ${table} SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid()) || '${change}')).* FROM ${table} t`;

  it.each([
    ['ck_payments_amount', 'UPDATE payments SET amount_minor = 0'],
    ['ck_payments_amount', 'UPDATE payments SET amount_minor = -5'],
    ['ck_payments_amount', 'UPDATE payments SET amount_minor = 100000000'],
    ['fk_payments_currency', `UPDATE payments SET currency = 'ZZZ'`],
    ['ck_payments_refund_ceiling', 'UPDATE payments SET refund_requested_minor = 1001'],
    ['ck_payments_taken', 'UPDATE payments SET taken_minor = 1001'],
    ['ck_payments_taken', 'UPDATE payments SET taken_minor = -1'],
    ['ck_payments_clawed', 'UPDATE payments SET clawed_minor = -1'],
    ['ck_payments_settled', `UPDATE payments SET status = 'succeeded'`],
    ['ck_payments_settled', 'UPDATE payments SET transaction_id = id'],
    ['uq_payments_session', again('payments', '{"client_key": "other", "intent_id": "pi_2"}')],
    ['uq_payments_intent', again('payments', '{"client_key": "other", "session_id": "cs_2"}')],
    ['uq_payments_client_key', again('payments', '{"intent_id": "pi_2", "session_id": "cs_2"}')],
    ['ck_refunds_amount', 'UPDATE refunds SET amount_minor = 0'],
    ['uq_refunds_provider', again('refunds', '{"client_key": "other"}')],
    ['uq_refunds_client_key', again('refunds', '{"provider_id": "re_2"}')],
    ['ck_refunds_returned', 'UPDATE refunds SET returned_transaction = id'],
  ])('refuses by %s: %s', async (constraint, statement) => {
    await expect(lab.sql.query(statement)).rejects.toMatchObject({ constraint });
  });
});
