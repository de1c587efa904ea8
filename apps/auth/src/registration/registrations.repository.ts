import { Injectable } from '@nestjs/common';
import type { Locale } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';

/** A sign-up whose address is not proved yet; its id becomes the user's. */
export interface Registration {
  id: string;
  email: string;
  passwordHash: string | null;
  locale: Locale;
}

/** How long a link works. */
const LIFE = '24 hours';

@Injectable()
export class RegistrationsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async insert(registration: Registration): Promise<void> {
    await this.unitOfWork.manager.query(
      `INSERT INTO registrations (id, email, password_hash, locale, expires_at) VALUES ($1, $2, $3, $4, now() + interval '${LIFE}')`,
      [registration.id, registration.email, registration.passwordHash, registration.locale],
    );
  }

  /** Sets the token of the link, in place of an earlier one; returns when it ends, or nothing when the sign-up is gone. */
  async giveToken(id: string, tokenHash: Buffer): Promise<Date | undefined> {
    const [rows] = await this.unitOfWork.manager.query<[{ expires_at: Date }[], number]>(
      `UPDATE registrations SET token_hash = $2, expires_at = now() + interval '${LIFE}' WHERE id = $1 RETURNING expires_at`,
      [id, tokenHash],
    );
    return rows[0]?.expires_at;
  }

  /** Ids of the live sign-ups with a password for an address. */
  async waitingFor(email: string): Promise<string[]> {
    const rows = await this.unitOfWork.manager.query<{ id: string }[]>(
      'SELECT id FROM registrations WHERE email = $1 AND expires_at > now() AND password_hash IS NOT NULL',
      [email],
    );
    return rows.map(({ id }) => id);
  }

  /** Whether any live sign-up waits for an address, with a password or without. */
  async isAwaited(email: string): Promise<boolean> {
    const rows = await this.unitOfWork.manager.query<unknown[]>(
      'SELECT 1 FROM registrations WHERE email = $1 AND expires_at > now() LIMIT 1',
      [email],
    );
    return rows.length > 0;
  }

  /** Uses a token up: of several at once, one gets the registration. */
  async consume(tokenHash: Buffer): Promise<Registration | undefined> {
    const [rows] = await this.unitOfWork.manager.query<[Registration[], number]>(
      `DELETE FROM registrations WHERE token_hash = $1 AND expires_at > now()
       RETURNING id, email, password_hash AS "passwordHash", locale`,
      [tokenHash],
    );
    return rows[0];
  }

  async delete(id: string): Promise<void> {
    await this.unitOfWork.manager.query('DELETE FROM registrations WHERE id = $1', [id]);
  }

  /**
   * The address belongs to a user now: whatever else was waiting for it is void. One being confirmed at this moment is skipped,
   * since waiting for it could be a deadlock; it finds the address taken.
   */
  async deleteFor(email: string): Promise<void> {
    await this.unitOfWork.manager.query(
      'DELETE FROM registrations WHERE id IN (SELECT id FROM registrations WHERE email = $1 FOR UPDATE SKIP LOCKED)',
      [email],
    );
  }
}
