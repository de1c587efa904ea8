import { Injectable } from '@nestjs/common';
import { routingKeyOf, SessionRevokedV1, UserDeletedV1, UserVerificationRequestedV1 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { LATE_EVENTS_DAYS } from '../auth.stores.js';

/** What may have to be told again and tells no address: that the user left, and that the sessions ended. */
const KEPT = [UserDeletedV1, SessionRevokedV1].map(routingKeyOf);
const VERIFICATION = routingKeyOf(UserVerificationRequestedV1);

@Injectable()
export class LeavingRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** The address a user has and those the user had of late; what was only wanted may be somebody else's. */
  async addressesOf(userId: string): Promise<string[]> {
    const rows = await this.unitOfWork.manager.query<{ email: string }[]>(
      `SELECT email FROM users WHERE id = $1 UNION SELECT email FROM email_undos WHERE user_id = $1`,
      [userId],
    );
    return rows.map(({ email }) => email);
  }

  /** Removes what was sent about a user and about sign-ups with the user's addresses; what is still to be sent stays. */
  async forgetEvents(userId: string, addresses: readonly string[]): Promise<void> {
    await this.unitOfWork.manager.query(
      `DELETE FROM outbox
        WHERE sent_at IS NOT NULL AND (aggregate_id = $1 AND routing_key <> ALL ($2)
           OR routing_key = '${VERIFICATION}' AND envelope #>> '{payload,email}' = ANY ($3))`,
      [userId, KEPT, addresses],
    );
  }

  /** Removes what was sent about users after they had left, when the broker had not taken it before. */
  async forgetLateEvents(): Promise<void> {
    await this.unitOfWork.manager.query(
      `DELETE FROM outbox USING users
        WHERE users.deleted_at > now() - $2 * interval '1 day' AND aggregate_id = users.id::text AND sent_at IS NOT NULL
          AND routing_key <> ALL ($1)`,
      [KEPT, LATE_EVENTS_DAYS],
    );
  }

  /** Forgets how many mails went to addresses. A count being raised now is skipped, since waiting could be a deadlock; it runs out soon. */
  async forgetMails(addresses: readonly string[]): Promise<void> {
    await this.unitOfWork.manager.query(
      `DELETE FROM mail_allowances WHERE (email, purpose) IN
         (SELECT email, purpose FROM mail_allowances WHERE email = ANY ($1) FOR UPDATE SKIP LOCKED)`,
      [addresses],
    );
  }
}
