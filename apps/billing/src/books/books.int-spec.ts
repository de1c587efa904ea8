import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BooksLab, credit, spend } from '../../test/money/books-lab.js';
import type { BillingConfig } from '../billing.config.js';
import { DomainError } from '#libs/errors';
import { BooksService } from './books.service.js';

describe('the proof of the books', () => {
  let lab: BooksLab;
  let books: BooksService;
  beforeAll(async () => {
    lab = await BooksLab.open();
    books = new BooksService({ BILLING_DATABASE_URL: lab.database.appUrl } as BillingConfig);
  });
  afterAll(() => lab.close());

  const wrong = async (): Promise<Record<string, string[]>> => {
    const { checks } = await books.verify();
    const faulty = checks.filter((check) => check.faultCount > 0);
    return Object.fromEntries(faulty.map(({ name, faults }) => [name, faults.map((fault) => fault.subject)]));
  };

  it('is green after any sequence of commands, and the same commands again change nothing', async () => {
    const command = fc.record({
      user: fc.nat(3),
      currency: fc.constantFrom('USD', 'EUR', 'PNT'),
      amount: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 1_000_000 })),
      what: fc.constantFrom('credit', 'spend', 'exchange', 'hold', 'undo'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 30 }), async (commands) => {
        const users = Array.from({ length: 4 }, () => randomUUID());
        const requests = await Promise.all(
          commands.map(async ({ user, currency, amount, what }) => {
            const userId = users[user]!;
            const [wallet, other] = [
              await lab.accounts.wallet(userId, currency),
              await lab.accounts.wallet(userId, 'RUB'),
            ];
            const amountMinor = BigInt(amount);
            const base = { ...credit(userId, wallet.id, amountMinor, currency), kind: what };
            if (what === 'spend') return { ...base, legs: spend(userId, wallet.id, amountMinor, currency).legs };
            if (what !== 'exchange') return base;
            const out = { ...spend(userId, wallet.id, amountMinor, currency).legs[0]!, code: 'out' };
            return {
              ...base,
              legs: [out, { ...credit(userId, other.id, amountMinor * 3n, 'RUB').legs[0]!, code: 'in' }],
            };
          }),
        );
        // Captures need a payment behind them; these come from nowhere, so they are called otherwise.
        for (const request of requests) for (const leg of request.legs) if (leg.code === 'capture') leg.code = 'gift';
        const run = () =>
          Promise.all(
            requests.map((request) =>
              lab.ledger.post(request).then(
                (posted) => posted.transactionId,
                (error: unknown) => {
                  expect(error).toBeInstanceOf(DomainError);
                  return undefined;
                },
              ),
            ),
          );
        const first = await run();
        const counted = await lab.rows('SELECT count(*) FROM ledger_entries');
        const again = await run();
        // What was refused for want of money may fit later; what was posted is never posted twice.
        for (const [i, id] of first.entries()) if (id) expect(again[i]).toBe(id);
        if (first.every(Boolean)) expect(await lab.rows('SELECT count(*) FROM ledger_entries')).toEqual(counted);
        expect(await lab.rows('SELECT 1 FROM account_balances WHERE balance < 0')).toEqual([]);
      }),
      { numRuns: 25 },
    );
    expect(await wrong()).toEqual({});
  });

  describe('names what somebody has changed behind its back:', () => {
    let userId: string;
    let walletId: string;
    beforeEach(async () => {
      ({ userId, walletId } = await lab.wallet(0n));
      const [gift] = credit(userId, walletId, 1_000n).legs;
      await lab.ledger.post({ ...credit(userId, walletId, 1n), legs: [{ ...gift!, code: 'gift' }] });
      await lab.ledger.post(spend(userId, walletId, 300n));
      expect(await wrong()).toEqual({});
    });

    /** As somebody with all rights, past the triggers; what `undo` says puts it right again. */
    async function tamper(change: string, undo: string): Promise<Record<string, string[]>> {
      const client = await lab.sql.connect();
      try {
        await client.query(`SET session_replication_role = 'replica'`);
        await client.query(change);
        const found = await wrong();
        await client.query(undo);
        expect(await wrong()).toEqual({});
        return found;
      } finally {
        await client.query(`SET session_replication_role = 'origin'`);
        client.release();
      }
    }

    it('a balance', async () => {
      const where = `WHERE account_id = '${walletId}'`;
      const found = await tamper(
        `UPDATE account_balances SET balance = balance + 1 ${where}`,
        `UPDATE account_balances SET balance = balance - 1 ${where}`,
      );
      expect(found).toEqual({ conservation: ['USD'], balances: [walletId] });
    });

    it('an entry, by its account and sequence', async () => {
      const where = `WHERE account_id = '${walletId}' AND seq = 1`;
      const found = await tamper(
        `UPDATE ledger_entries SET delta = 900, balance_after = 900 ${where}`,
        `UPDATE ledger_entries SET delta = 1000, balance_after = 1000 ${where}`,
      );
      expect(Object.keys(found)).toEqual(['balances', 'chains', 'entries']);
      expect(found['chains']).toEqual([walletId, walletId]);
    });

    it('an amount in an entry and in its transfer and in the balance alike, by the chain alone', async () => {
      const set = (first: number, last: number) => `
        UPDATE ledger_transfers SET amount = ${first} WHERE user_id = '${userId}' AND code = 'gift';
        UPDATE ledger_entries SET delta = ${first}, balance_after = ${first} WHERE account_id = '${walletId}' AND seq = 1;
        UPDATE ledger_entries SET balance_after = ${last} WHERE account_id = '${walletId}' AND seq = 2;
        UPDATE account_balances SET balance = ${last} WHERE account_id = '${walletId}'`;
      const found = await tamper(set(5_000, 4_700), set(1_000, 700));
      expect(found).toEqual({ chains: [walletId, walletId] });
    });

    it('an entry that is gone', async () => {
      const columns = 'user_id, account_id, seq, transaction_id, leg, delta, balance_after, hash, created_at';
      await lab.sql.query(`CREATE TABLE aside AS SELECT * FROM ledger_entries WHERE account_id = '${walletId}'`);
      const found = await tamper(
        `DELETE FROM ledger_entries WHERE account_id = '${walletId}' AND seq = 2`,
        `INSERT INTO ledger_entries (${columns}) SELECT ${columns} FROM aside WHERE seq = 2`,
      );
      await lab.sql.query('DROP TABLE aside');
      expect(Object.keys(found)).toEqual(['balances', 'heads', 'entries']);
    });

    it('a hold', async () => {
      const where = `WHERE account_id = '${walletId}'`;
      const found = await tamper(
        `UPDATE account_balances SET held = 5 ${where}`,
        `UPDATE account_balances SET held = 0 ${where}`,
      );
      expect(found).toEqual({ holds: [walletId] });
    });

    it.each([
      [
        'refund',
        `INSERT INTO refunds (id, payment_id, amount_minor, status, reason, requested_by, provider_id) VALUES ($1, $1, 5, 'succeeded', '', 'provider', 're_1')`,
        'DELETE FROM refunds',
      ],
      [
        'lost dispute',
        `INSERT INTO disputes (id, payment_id, amount_minor, provider_status, state, reason, opened_at) VALUES ($1, $1::uuid, 5, 'lost', 'lost', '', now())`,
        'DELETE FROM disputes',
      ],
    ])('a %s whose cost was not taken back', async (_, lose, undo) => {
      const id = randomUUID();
      const found = await tamper(
        `INSERT INTO payments (id, user_id, purpose, status, amount_minor, currency, description, snapshot, client_key, return_path, expires_at, session_expires_at, transaction_id)
         VALUES ('${id}', '${userId}', 'top_up', 'succeeded', 5, 'USD', '', '{}', '', '', now(), now(), '${id}');
         ${lose.replaceAll('$1', `'${id}'`)}`,
        `${undo}; DELETE FROM payments WHERE id = '${id}'`,
      );
      expect(found).toEqual({ payments: [id], losses: [id] });
    });

    it('a capture nobody paid', async () => {
      const where = `WHERE user_id = '${userId}' AND leg = 0 AND debit_system = 'psp_clearing'`;
      const found = await tamper(
        `UPDATE ledger_transfers SET code = 'capture' ${where}`,
        `UPDATE ledger_transfers SET code = 'gift' ${where}`,
      );
      expect(Object.keys(found)).toEqual(['payments']);
    });
  });

  it('fails when its connection is cut on the way, and proves the books at the next try', async () => {
    const holder = await lab.sql.connect();
    try {
      await holder.query('BEGIN');
      await holder.query('LOCK TABLE ledger_entries IN ACCESS EXCLUSIVE MODE');
      const proof = books.verify().then(
        () => 'proved',
        (error: Error) => error.message,
      );
      await vi.waitUntil(
        async () =>
          (
            await lab.rows(
              `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
                  AND application_name = 'billing books' AND wait_event_type = 'Lock'`,
            )
          ).length === 1,
        { timeout: 20_000, interval: 20 },
      );
      expect(await proof).toContain('terminating connection');
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
    expect((await books.verify()).checks.length).toBeGreaterThan(0);
  });

  it('finds by its look at the last minute what a look at everything would find', async () => {
    const { userId } = await lab.wallet(5n);
    const results = await books.audit(new Date(Date.now() - 60_000), 10_000);
    const captured = await lab.rows<{ id: string }>('SELECT id FROM ledger_transactions WHERE user_id = $1', [userId]);
    const payments = results.find((result) => result.name === 'payments');
    expect(payments?.faults.map((fault) => fault.subject)).toContain(captured[0]!.id);
    expect(await books.audit(new Date(Date.now() + 60_000), 10_000)).toEqual([]);
  });
});
