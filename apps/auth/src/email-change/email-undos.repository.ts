import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';

/** How long a change can be taken back. */
const LIFE = '7 days';

/** A way back to an address. */
export interface EmailUndo {
  userId: string;
  /** The address it leads back to. */
  email: string;
  /** When the user was moved away from it. */
  changedAt: Date;
}

const COLUMNS = 'user_id AS "userId", email, changed_at AS "changedAt"';

@Injectable()
export class EmailUndosRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Keeps a way back beside those of earlier changes; returns when it ends. */
  async add(userId: string, email: string, tokenHash: Buffer): Promise<Date> {
    const [row] = await this.unitOfWork.manager.query<{ expires_at: Date }[]>(
      `INSERT INTO email_undos (token_hash, user_id, email, expires_at) VALUES ($1, $2, $3, now() + interval '${LIFE}')
       RETURNING expires_at`,
      [tokenHash, userId, email],
    );
    return row!.expires_at;
  }

  /** Looks without using the token up. */
  async find(tokenHash: Buffer): Promise<EmailUndo | undefined> {
    const [row] = await this.unitOfWork.manager.query<EmailUndo[]>(
      `SELECT ${COLUMNS} FROM email_undos WHERE token_hash = $1 AND expires_at > now()`,
      [tokenHash],
    );
    return row;
  }

  /** Uses a token up: of several at once, one gets its way back. */
  async consume(tokenHash: Buffer): Promise<EmailUndo | undefined> {
    const [rows] = await this.unitOfWork.manager.query<[EmailUndo[], number]>(
      `DELETE FROM email_undos WHERE token_hash = $1 AND expires_at > now() RETURNING ${COLUMNS}`,
      [tokenHash],
    );
    return rows[0];
  }

  /** Voids the ways back to the addresses a user was given after a moment. */
  async deleteLater(userId: string, changedAt: Date): Promise<void> {
    await this.unitOfWork.manager.query('DELETE FROM email_undos WHERE user_id = $1 AND changed_at > $2', [
      userId,
      changedAt,
    ]);
  }
}
