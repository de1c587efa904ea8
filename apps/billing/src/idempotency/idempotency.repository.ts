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

@Injectable()
export class IdempotencyRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** True when the key is now ours to run: it is new, or its owner died. */
  async claim({ userId, route, key }: KeyScope, requestHash: Buffer, owner: string): Promise<boolean> {
    const rows = await this.unitOfWork.manager.query<unknown[]>(
      `INSERT INTO idempotency_keys AS k (user_id, route, key, request_hash, owner, locked_until)
       VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
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
    await this.unitOfWork.manager.query(
      `UPDATE idempotency_keys SET response_status = $5, response_body = $6
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
}
