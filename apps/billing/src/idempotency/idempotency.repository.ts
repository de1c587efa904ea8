import { Injectable } from '@nestjs/common';
import { Batcher, UnitOfWork } from '#libs/database';

/** Whose key, on which route. */
export interface KeyScope {
  userId: string;
  route: string;
  key: string;
}

/** A key as it stands. */
export interface StoredKey {
  requestHash: Buffer;
  response: { status: number; body: string } | undefined;
}

interface Claim extends KeyScope {
  requestHash: Buffer;
  owner: string;
}

interface KeptAnswer extends KeyScope {
  owner: string;
  status: number;
  body: string;
}

interface KeyRow {
  request_hash: Buffer;
  response_status: number | null;
  response_body: string | null;
}

/** Seconds after which a request that was never answered counts as dead: longer than any of our own time limits together. */
const LEASE_SECONDS = 45;

/** Keys of requests that come at the same time are claimed by one statement and answered by one. */
const TOGETHER = 50;

/**
 * Lets the statement's own transaction commit without waiting for the disk. A key without its answer is what a killed service
 * leaves behind anyway, and the work behind it can be run again; what the work commits takes the key's row to the disk with it.
 */
const UNHURRIED = `WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))`;

@Injectable()
export class IdempotencyRepository {
  private readonly claims = new Batcher<Claim, boolean>((claims) => this.claimAll(claims), TOGETHER);
  private readonly answers = new Batcher<KeptAnswer, void>((answers) => this.answerAll(answers), TOGETHER);

  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** True when the key is now ours to run: it is new, or its owner died or failed. */
  async claim(scope: KeyScope, requestHash: Buffer, owner: string): Promise<boolean> {
    this.mustBeOnItsOwn();
    return this.claims.run({ ...scope, requestHash, owner });
  }

  async find({ userId, route, key }: KeyScope): Promise<StoredKey | undefined> {
    const [row] = await this.unitOfWork.manager.query<KeyRow[]>(
      'SELECT request_hash, response_status, response_body FROM idempotency_keys WHERE user_id = $1 AND route = $2 AND key = $3',
      [userId, route, key],
    );
    if (!row) return undefined;
    const { request_hash: requestHash, response_status: status, response_body: body } = row;
    return { requestHash, response: status === null ? undefined : { status, body: body! } };
  }

  async answer(scope: KeyScope, owner: string, status: number, body: string): Promise<void> {
    this.mustBeOnItsOwn();
    await this.answers.run({ ...scope, owner, status, body });
  }

  /** The request was refused and changed nothing: the key is free, also for another one. */
  async release({ userId, route, key }: KeyScope, owner: string): Promise<void> {
    await this.unitOfWork.manager.query(
      'DELETE FROM idempotency_keys WHERE user_id = $1 AND route = $2 AND key = $3 AND owner = $4 AND response_status IS NULL',
      [userId, route, key, owner],
    );
  }

  /** The request failed and may have changed something: the key stays its own, and it may run again at once. */
  async reopen({ userId, route, key }: KeyScope, owner: string): Promise<void> {
    await this.unitOfWork.manager.query(
      'UPDATE idempotency_keys SET locked_until = now() WHERE user_id = $1 AND route = $2 AND key = $3 AND owner = $4 AND response_status IS NULL',
      [userId, route, key, owner],
    );
  }

  private async claimAll(claims: Claim[]): Promise<boolean[]> {
    const rows = await this.unitOfWork.manager.query<{ owner: string }[]>(
      `${UNHURRIED}
       INSERT INTO idempotency_keys AS k (user_id, route, key, request_hash, owner, locked_until)
       SELECT DISTINCT ON (user_id, route, key) user_id, route, key, request_hash, owner, now() + make_interval(secs => $6)
         FROM unhurried, unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::uuid[])
           AS claimed (user_id, route, key, request_hash, owner)
        ORDER BY user_id, route, key
       ON CONFLICT ON CONSTRAINT pk_idempotency_keys DO UPDATE
         SET owner = excluded.owner, locked_until = excluded.locked_until
         WHERE k.response_status IS NULL AND k.locked_until < now() AND k.request_hash = excluded.request_hash
       RETURNING owner`,
      [...columns(claims, 'userId', 'route', 'key', 'requestHash', 'owner'), LEASE_SECONDS],
    );
    const owners = new Set(rows.map(({ owner }) => owner));
    return claims.map(({ owner }) => owners.has(owner));
  }

  private async answerAll(answers: KeptAnswer[]): Promise<void[]> {
    await this.unitOfWork.manager.query(
      `${UNHURRIED}
       SELECT answer_idempotency_keys($1, $2, $3, $4, $5, $6) FROM unhurried`,
      columns(answers, 'userId', 'route', 'key', 'owner', 'status', 'body'),
    );
    return answers.map(() => undefined);
  }

  /** Their statements are transactions by themselves: in a larger one they would take the larger one's durability. */
  private mustBeOnItsOwn(): void {
    if (this.unitOfWork.inTransaction)
      throw new Error('Idempotency keys are kept outside the transaction of their work');
  }
}

/** One array per field, as `unnest` takes them. */
function columns<T>(rows: T[], ...fields: (keyof T)[]): unknown[][] {
  return fields.map((field) => rows.map((row) => row[field]));
}
