import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BooksLab, credit, spend } from '../../test/money/books-lab.js';
import type { Posted, PostingRequest } from './ledger.js';

/** The users of one world: two who pay, one whose wallet is frozen. */
interface World {
  wallets: { userId: string; walletId: string }[];
  held: string;
  earlier: PostingRequest;
}

const user = fc.nat(2);
const amount = fc.integer({ min: 1, max: 60 }).map(BigInt);
type Command =
  | { what: 'credit' | 'spend' | 'there and back'; user: number; amount: bigint }
  | { what: 'spend the hold'; amount: bigint }
  | { what: 'again' | 'other under its key' };

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ what: fc.constantFrom('credit' as const, 'spend' as const, 'there and back' as const), user, amount }),
  fc.record({ what: fc.constantFrom('again' as const, 'other under its key' as const) }),
  fc.record({ what: fc.constant('spend the hold' as const), amount: fc.constantFrom(40n, 90n) }),
);

describe('postings of one call', () => {
  let lab: BooksLab;
  beforeAll(async () => {
    lab = await BooksLab.open();
  });
  afterAll(() => lab.close());

  async function world(): Promise<World> {
    const wallets = [await lab.wallet(100n), await lab.wallet(30n), await lab.wallet(50n)];
    const [{ userId, walletId }, , frozen] = wallets as [World['wallets'][0], unknown, World['wallets'][0]];
    await lab.sql.query('SELECT freeze_account($1, $2, true)', [frozen.userId, frozen.walletId]);
    const held = randomUUID();
    await lab.sql.query(`SELECT place_hold($1, $2, $3, 40, 'dispute', 'dp_1')`, [userId, held, walletId]);
    const earlier = spend(userId, walletId, 5n);
    await lab.ledger.post(earlier);
    return { wallets, held, earlier };
  }

  function requestOf(asked: Command, { wallets, held, earlier }: World): PostingRequest {
    const { userId, walletId } = wallets['user' in asked ? asked.user : 0]!;
    switch (asked.what) {
      case 'again':
        return earlier;
      case 'other under its key':
        return { ...spend(userId, walletId, 6n), idempotencyKey: earlier.idempotencyKey };
      case 'spend the hold':
        return { ...spend(userId, walletId, asked.amount), postsHolds: [held] };
      case 'credit':
        return credit(userId, walletId, asked.amount);
      case 'spend':
        return spend(userId, walletId, asked.amount);
      case 'there and back': {
        const there = spend(userId, walletId, asked.amount);
        return { ...there, legs: [...there.legs, ...credit(userId, walletId, asked.amount).legs] };
      }
    }
  }

  const shown = async (posted: Posted | undefined) =>
    posted && [
      posted.replayed,
      await lab.rows(
        'SELECT seq, delta, balance_after FROM ledger_entries WHERE transaction_id = $1 ORDER BY leg, delta',
        [posted.transactionId],
      ),
      await lab.rows(
        `SELECT entry ->> 'seq' AS seq, entry ->> 'deltaMinor' AS delta, entry ->> 'balanceAfterMinor' AS balance_after
           FROM outbox, json_array_elements(envelope #> '{payload,entries}') entry WHERE aggregate_id = $1`,
        [posted.transactionId],
      ),
    ];

  const standing = ({ wallets }: World) =>
    Promise.all(
      wallets.map(async ({ userId, walletId }) => {
        const [row] = await lab.rows(
          `SELECT b.balance, b.held, b.seq, b.head_hash = last.hash AS head,
                (SELECT count(*) FROM ledger_transactions WHERE user_id = $1) AS transactions,
                (SELECT count(*) FROM ledger_transfers WHERE user_id = $1) AS transfers,
                (SELECT array_agg(status) FROM holds WHERE user_id = $1) AS holds,
                (SELECT bool_and(e.hash = ledger_entry_hash(coalesce(before.hash, sha256(e.account_id::text::bytea)), e.account_id, e.seq,
                          e.transaction_id, e.leg, e.delta, e.balance_after, e.created_at))
                   FROM ledger_entries e LEFT JOIN ledger_entries before
                     ON before.user_id = e.user_id AND before.account_id = e.account_id AND before.seq = e.seq - 1
                  WHERE e.user_id = $1 AND e.account_id = $2) AS chained
           FROM account_balances b
           JOIN ledger_entries last ON last.user_id = b.user_id AND last.account_id = b.account_id AND last.seq = b.seq
          WHERE b.user_id = $1 AND b.account_id = $2`,
          [userId, walletId],
        );
        return row;
      }),
    );

  it('come to the same as one after another, whatever each of them meets', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 2, maxLength: 12 }), async (commands) => {
        // The hold is spent once: a second time is an error of the caller that undoes the whole call.
        const first = commands.findIndex(({ what }) => what === 'spend the hold');
        const asked = commands.filter(({ what }, index) => what !== 'spend the hold' || index === first);
        const [together, apart] = [await world(), await world()];
        const outcome = await lab.postTogether(asked.map((each) => requestOf(each, together)));
        const expected: (Posted | undefined)[] = [];
        for (const each of asked) {
          expected.push(await lab.ledger.post(requestOf(each, apart)).catch(() => undefined));
        }
        expect(await Promise.all(outcome.map(shown))).toEqual(await Promise.all(expected.map(shown)));
        const [left, right] = [await standing(together), await standing(apart)];
        expect(left).toEqual(right);
        for (const row of left) expect(row).toMatchObject({ head: true, chained: true });
      }),
      { numRuns: 25 },
    );
  });

  it("move nothing on another's account, though its owner is among them", async () => {
    const [owner, other] = [await lab.wallet(100n), await lab.wallet(100n)];
    const theft = spend(other.userId, owner.walletId, 10n);
    const requests = [credit(owner.userId, owner.walletId, 1n), theft, credit(other.userId, other.walletId, 2n)];
    const posted = await lab.postTogether(requests);
    expect(posted.map((each) => each?.replayed)).toEqual([false, undefined, false]);
    expect(await lab.balance(owner.userId, owner.walletId)).toBe(101n);
    expect(await lab.balance(other.userId, other.walletId)).toBe(102n);
  });

  it('are refused as a whole when two of them have one key', async () => {
    const { userId, walletId } = await lab.wallet(100n);
    const twice = spend(userId, walletId, 10n);
    await expect(lab.postTogether([twice, twice])).rejects.toThrow(/same key/);
    expect(await lab.balance(userId, walletId)).toBe(100n);
  });
});
