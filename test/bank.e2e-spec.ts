import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { campaignSize } from '#libs/testing';
import type { Payment } from '../tools/demo/shapes.ts';
import { BankLab, type Command } from './bank-lab.js';
import { report } from './messaging/campaign.js';
import { reached } from './messaging/events-lab.js';

const CLIENTS = 16;
const USERS = 12;
/** Longer than it takes RabbitMQ 3.10 to keep a queue that was just declared. */
const FIRST_EFFECTS = 120;
/** Movements between the return of the one victim and the death of the next. */
const BETWEEN = 40;

type Kind = 'adjustment' | 'conversion' | 'top_up';
type Answer = Payment & { transactionId: string };

/** The bank test over all stores. Full size: `BANK_CAMPAIGN=20000 BANK_KILLS=60 npm test test/bank.e2e-spec.ts`. */
describe('a bank whose service, database, broker and history are killed', () => {
  let lab: BankLab;
  let users: string[];
  beforeAll(async () => {
    lab = await BankLab.open();
    await vi.waitUntil(async () => (await fetch(`${lab.stack.url.billing}/rates`)).ok, { timeout: 20_000 });
    users = await Promise.all(Array.from({ length: USERS }, () => lab.join()));
  });
  afterAll(() => lab?.close());

  const amount = (most: number) => (0.01 + Math.random() * most).toFixed(2);

  async function anyCommand(): Promise<{ kind: Kind; command: Command } | undefined> {
    const userId = users[Math.floor(Math.random() * USERS)]!;
    const key = randomUUID();
    const what = Math.random();
    if (what < 0.3) {
      const from = { amount: amount(3), currency: 'EUR' };
      const quote = await lab.quote(userId, from, Math.random() < 0.5 ? 'PNT' : 'USD');
      const command = quote && { userId, path: '/conversions', body: { quoteId: quote.id }, key };
      return command && { kind: 'conversion', command };
    }
    if (what < 0.6) {
      const body = { amount: { amount: (5 + Math.random() * 20).toFixed(2), currency: 'EUR' } };
      return { kind: 'top_up', command: { userId, path: '/top-ups', body, key } };
    }
    const body = {
      userId,
      direction: Math.random() < 0.6 ? 'give' : 'take',
      amount: { amount: amount(20), currency: 'USD' },
      reason: 'bank test',
    };
    const roles = ['admin' as const];
    return { kind: 'adjustment', command: { userId: randomUUID(), path: '/admin/adjustments', body, key, roles } };
  }

  it('neither loses nor makes a cent: not in any snapshot, not at the provider, not in the history', async () => {
    const made: Record<Kind, Set<string>> = { adjustment: new Set(), conversion: new Set(), top_up: new Set() };
    const untold: { kind: Kind; command: Command }[] = [];
    const kills: Record<string, number> = {};
    const violations: unknown[] = [];
    let [snapshots, refused, stopped] = [0, 0, false];
    const movements = () => made.adjustment.size + made.conversion.size + made.top_up.size;

    const done = async (kind: Kind, answer: Answer): Promise<void> => {
      made[kind].add(kind === 'top_up' ? answer.id : answer.transactionId);
      if (kind === 'top_up') await lab.pay(answer);
    };

    const client = async (): Promise<void> => {
      while (!stopped) {
        await delay(Math.random() * 300);
        const next = await anyCommand();
        if (!next) continue;
        const told = await lab.send<Answer>(next.command);
        if (told.is === 'done') await done(next.kind, told.body);
        else if (told.is === 'refused') refused += Number(told.code === 'account.insufficient_funds');
        else {
          if (told.is === 'unknown') untold.push(next);
          await delay(500);
        }
      }
    };

    const reader = async (): Promise<void> => {
      while (!stopped) {
        await delay(20);
        const wrong = await lab
          .rows(
            `SELECT currency, sum(amount)::text AS sum, min(least)::text AS least FROM (
               SELECT currency, balance AS amount, CASE kind WHEN 'wallet' THEN balance END AS least FROM account_balances
               UNION ALL SELECT currency, amount, NULL FROM ledger_transfers WHERE credit_system IS NOT NULL
               UNION ALL SELECT currency, -amount, NULL FROM ledger_transfers WHERE debit_system IS NOT NULL) sides
              GROUP BY currency HAVING sum(amount) <> 0 OR min(least) < 0`,
          )
          .catch(() => undefined);
        if (!wrong) continue;
        snapshots += 1;
        violations.push(...wrong);
      }
    };

    const nemesis = async (): Promise<void> => {
      await reached('the first effects', () => lab.historySize(), FIRST_EFFECTS);
      let names: string[] = [];
      for (let kill = 0; kill < campaignSize('BANK_KILLS'); kill++) {
        const before = movements();
        await reached('further movements', () => Promise.resolve(movements()), before + BETWEEN);
        await delay(Math.random() * 500);
        if (names.length === 0) names = Object.keys(lab.victims).sort(() => Math.random() - 0.5);
        const name = names.pop()!;
        await lab.victims[name]!.kill('SIGKILL');
        await delay(Math.random() * 1_000);
        await lab.victims[name]!.restart();
        kills[name] = (kills[name] ?? 0) + 1;
      }
      await reached('all movements', () => Promise.resolve(movements()), campaignSize('BANK_CAMPAIGN'));
    };

    const others = Promise.all([...Array.from({ length: CLIENTS }, client), reader()]);
    await nemesis().finally(() => (stopped = true));
    await others;

    // As if the time had passed after which a request counts as dead and the sweeper asks about a payment.
    await lab.rows('UPDATE idempotency_keys SET locked_until = now() WHERE response_status IS NULL');
    const askAgain = async ({ kind, command }: (typeof untold)[number]): Promise<void> => {
      const told = await vi.waitUntil(
        async () => {
          const now = await lab.send<Answer>(command);
          return now.is === 'done' || now.is === 'refused' ? now : undefined;
        },
        { timeout: 60_000, interval: 500 },
      );
      if (told.is === 'done') await done(kind, told.body);
    };
    await Promise.all(untold.map(askAgain));
    await lab.rows(`UPDATE payments SET next_check_at = now() WHERE status = 'session_open'`);
    await reached('every credit', () => lab.count('payments', `status = 'succeeded'`), made.top_up.size);
    const entries = await lab.count('ledger_entries');
    await reached('every entry in the history', () => lab.historySize(), entries).catch(async (error: unknown) => {
      throw new Error(await lab.diagnosis(), { cause: error });
    });

    report('bank', { movements: movements(), refused, untold: untold.length, snapshots, entries, ...kills });
    expect(violations).toEqual([]);
    expect(snapshots).toBeGreaterThan(50);
    const credited = await lab.rows(
      `SELECT currency, count(*)::int AS payments, sum(amount)::int AS minor FROM ledger_transfers
        WHERE debit_system = 'psp_clearing' GROUP BY 1`,
    );
    expect(credited).toEqual(await lab.captured());
    expect(credited).toMatchObject([{ payments: made.top_up.size }]);
    for (const kind of ['adjustment', 'conversion'] as const) {
      const posted = await lab.rows<{ id: string }>('SELECT id FROM ledger_transactions WHERE kind = $1', [kind]);
      expect(new Set(posted.map(({ id }) => id))).toEqual(made[kind]);
    }
    await lab.stack.stack.command('billing', ['history:verify']);
    await lab.stack.stack.command('billing', ['books:verify']);
  }, 1_200_000);
});
