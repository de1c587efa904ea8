import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import type { KeyStatus, StoredKey } from './signing-key.js';

@Injectable()
export class SigningKeysRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async all(): Promise<StoredKey[]> {
    return this.unitOfWork.manager.query<StoredKey[]>(
      `SELECT kid, status, public_jwk AS "publicJwk", sealed_private_key AS "sealedPrivateKey", status_since AS "statusSince"
         FROM signing_keys ORDER BY created_at DESC`,
    );
  }

  /** Seconds since the next key was published. */
  async nextAgeSeconds(): Promise<number> {
    const [row] = await this.unitOfWork.manager.query<{ seconds: number }[]>(
      `SELECT extract(epoch FROM now() - status_since)::float8 AS seconds FROM signing_keys WHERE status = 'next'`,
    );
    return row!.seconds;
  }

  async insert(key: StoredKey): Promise<void> {
    await this.unitOfWork.manager.query(
      'INSERT INTO signing_keys (kid, status, public_jwk, sealed_private_key) VALUES ($1, $2, $3, $4)',
      [key.kid, key.status, JSON.stringify(key.publicJwk), key.sealedPrivateKey],
    );
  }

  async move(from: KeyStatus, to: KeyStatus): Promise<void> {
    await this.unitOfWork.manager.query('UPDATE signing_keys SET status = $2, status_since = now() WHERE status = $1', [
      from,
      to,
    ]);
  }

  /** Forgets keys whose last token has expired. */
  async deletePrevious(olderThanSeconds: number): Promise<void> {
    await this.unitOfWork.manager.query(
      `DELETE FROM signing_keys WHERE status = 'previous' AND status_since < now() - $1 * interval '1 second'`,
      [olderThanSeconds],
    );
  }

  /** One process at a time makes or moves keys; held until the transaction ends. */
  async lock(): Promise<void> {
    await this.unitOfWork.manager.query(`SELECT pg_advisory_xact_lock(hashtext('signing_keys'))`);
  }
}
