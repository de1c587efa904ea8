import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';

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

interface KeyRow {
  request_hash: Buffer;
  response_status: number | null;
  response_body: string | null;
}

/** Seconds after which a request that was never answered counts as dead: longer than any of our own time limits together. */
const LEASE_SECONDS = 45;

/**
 * Lets the statement's own transaction commit without waiting for the disk. A key without its answer is what a killed service
 * leaves behind anyway, and the work behind it can be run again; what the work commits takes the key's row to the disk with it.
 */
const UNHURRIED = `WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))`;

@Injectable()
export class IdempotencyRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** True when the key is now ours to run: it is new, or its owner died. */
  async claim({ userId, route, key }: KeyScope, requestHash: Buffer, owner: string): Promise<boolean> {
    const rows = await this.onItsOwn<unknown[]>(
      `${UNHURRIED}
       INSERT INTO idempotency_keys AS k (user_id, route, key, request_hash, owner, locked_until)
       SELECT $1::uuid, $2, $3, $4::bytea, $5::uuid, now() + make_interval(secs => $6) FROM unhurried
       ON CONFLICT ON CONSTRAINT pk_idempotency_keys DO UPDATE
         SET owner = excluded.owner, locked_until = excluded.locked_until
         WHERE k.response_status IS NULL AND k.locked_until < now() AND k.request_hash = excluded.request_hash
       RETURNING owner`,
      [userId, route, key, requestHash, owner, LEASE_SECONDS],
    );
    return rows.length > 0;
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

  async answer({ userId, route, key }: KeyScope, owner: string, status: number, body: string): Promise<void> {
    await this.onItsOwn(
      `${UNHURRIED}
       UPDATE idempotency_keys SET response_status = $5, response_body = $6 FROM unhurried
        WHERE user_id = $1 AND route = $2 AND key = $3 AND owner = $4`,
      [userId, route, key, owner, status, body],
    );
  }

  /** The request was refused and changed nothing: the key may be tried again. */
  async release({ userId, route, key }: KeyScope, owner: string): Promise<void> {
    await this.unitOfWork.manager.query(
      'DELETE FROM idempotency_keys WHERE user_id = $1 AND route = $2 AND key = $3 AND owner = $4 AND response_status IS NULL',
      [userId, route, key, owner],
    );
  }

  /** A statement that is a transaction by itself: in a larger one it would take the larger one's durability. */
  private async onItsOwn<T>(statement: string, values: unknown[]): Promise<T> {
    if (this.unitOfWork.inTransaction)
      throw new Error('Idempotency keys are kept outside the transaction of their work');
    return this.unitOfWork.manager.query<T>(statement, values);
  }
}
