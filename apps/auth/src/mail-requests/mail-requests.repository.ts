import { Injectable } from '@nestjs/common';
import type { Locale } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';

/** What a mail was asked for. */
export type MailPurpose = MailRequest['purpose'];

/** Somebody asked for a mail to an address. */
export type MailRequest = {
  /** In normal form. */
  email: string;
  locale: Locale;
} & (
  | { purpose: 'registration'; registrationId: string }
  | { purpose: 'verification' | 'recovery' }
  | { purpose: 'email_change'; userId: string; tokenEpoch: number }
);

/** A recipient gets so many mails of one purpose in an hour, */
const MAILS_PER_HOUR = 5;
/** and so many of all purposes in ten minutes. */
const MAILS_PER_TEN_MINUTES = 10;

@Injectable()
export class MailRequestsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async insert(request: MailRequest): Promise<void> {
    await this.unitOfWork.manager.query(
      'INSERT INTO mail_requests (purpose, email, locale, registration_id, user_id, token_epoch) VALUES ($1, $2, $3, $4, $5, $6)',
      [
        request.purpose,
        request.email,
        request.locale,
        request.purpose === 'registration' ? request.registrationId : null,
        request.purpose === 'email_change' ? request.userId : null,
        request.purpose === 'email_change' ? request.tokenEpoch : null,
      ],
    );
  }

  /** Forgets that a user asked for a change of address. What the worker has in hand is left: it waits for the lock of the user, who is ours. */
  async deleteEmailChange(userId: string): Promise<void> {
    await this.unitOfWork.manager.query(
      `DELETE FROM mail_requests WHERE id IN
         (SELECT id FROM mail_requests WHERE purpose = 'email_change' AND user_id = $1 FOR UPDATE SKIP LOCKED)`,
      [userId],
    );
  }

  /** Takes the oldest request nobody else is working on; gone for good when the transaction commits. */
  async take(): Promise<MailRequest | undefined> {
    const [rows] = await this.unitOfWork.manager.query<[MailRequest[], number]>(
      `DELETE FROM mail_requests WHERE id = (SELECT id FROM mail_requests ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING purpose, email, locale, registration_id AS "registrationId", user_id AS "userId", token_epoch AS "tokenEpoch"`,
    );
    return rows[0];
  }

  /** Counts a mail against the recipient's allowances; false when one of them is used up. */
  async allow(email: string, purpose: MailPurpose): Promise<boolean> {
    // The purpose first: what it refuses must not use up what is left for the others.
    return (
      (await this.count(email, purpose, MAILS_PER_HOUR, '1 hour')) &&
      (await this.count(email, 'any', MAILS_PER_TEN_MINUTES, '10 minutes'))
    );
  }

  private async count(email: string, purpose: MailPurpose | 'any', most: number, window: string): Promise<boolean> {
    const rows = await this.unitOfWork.manager.query<unknown[]>(
      `INSERT INTO mail_allowances AS a (email, purpose, window_started_at, mails) VALUES ($1, $2, now(), 1)
       ON CONFLICT (email, purpose) DO UPDATE SET
         mails = CASE WHEN a.window_started_at < now() - $4::interval THEN 1 ELSE a.mails + 1 END,
         window_started_at = CASE WHEN a.window_started_at < now() - $4::interval THEN now() ELSE a.window_started_at END
       WHERE a.mails < $3 OR a.window_started_at < now() - $4::interval
       RETURNING mails`,
      [email, purpose, most, window],
    );
    return rows.length > 0;
  }
}
