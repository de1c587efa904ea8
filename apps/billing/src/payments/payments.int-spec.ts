import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BooksLab } from '../../test/money/books-lab.js';
import { PaymentsRepository } from './payments.repository.js';
import { ProviderEventsRepository } from './provider-events.repository.js';

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

  it('keeps sixteen refunds at once within what was paid, also when nobody has locked it', async () => {
    const payments = new PaymentsRepository(lab.unitOfWork);
    const results = await Promise.allSettled(Array.from({ length: 16 }, () => payments.reserveRefund(id, 1_00n)));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(6);
    for (const { reason } of refused) expect(String(reason)).toContain('ck_payments_refund_ceiling');
    const kept = await lab.rows('SELECT refund_requested_minor FROM payments WHERE id = $1', [id]);
    expect(kept).toEqual([{ refund_requested_minor: '1000' }]);
  });
});

describe('a message of the provider', () => {
  let lab: BooksLab;
  let events: ProviderEventsRepository;
  beforeAll(async () => {
    lab = await BooksLab.open();
    events = new ProviderEventsRepository(lab.unitOfWork);
  });
  afterAll(() => lab.close());

  const arrive = async (): Promise<string> => {
    const id = `evt_${randomUUID()}`;
    const about = { type: 'charge.updated', objectId: id, paymentId: null, intentId: null, payload: {} };
    await events.insert({ ...about, id, createdAt: new Date() });
    return id;
  };

  it('is taken by one worker, however many ask at the same time', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await arrive();
      const claims = await Promise.all(Array.from({ length: 16 }, () => events.claim(1)));
      expect(claims.flat().map((event) => event.id)).toEqual([id]);
    }
  });

  it('waits for no other that somebody is busy with', async () => {
    const [busy, free] = [await arrive(), await arrive()];
    const holder = await lab.sql.connect();
    try {
      await holder.query('BEGIN');
      await holder.query('SELECT 1 FROM provider_events WHERE id = $1 FOR UPDATE', [busy]);
      expect((await events.claim(2)).map((event) => event.id)).toEqual([free]);
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
    expect((await events.claim(2)).map((event) => event.id)).toEqual([busy]);
  });
});
