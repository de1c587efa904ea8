import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';

/** The network of an address, as the login history cuts it: /24 or /48. */
const NETWORK = 'network(set_masklen(ip, CASE family(ip) WHEN 4 THEN 24 ELSE 48 END))::inet';

/** What has run out, and for how long it is kept after that. */
const EXPIRED = [
  'DELETE FROM registrations WHERE expires_at < now()',
  'DELETE FROM one_time_tokens WHERE expires_at < now()',
  'DELETE FROM email_undos WHERE expires_at < now()',
  'DELETE FROM second_factor_challenges WHERE expires_at < now()',
  'DELETE FROM spent_oauth_states WHERE expires_at < now()',
  `DELETE FROM mail_allowances WHERE window_started_at < now() - interval '1 hour'`,
  `DELETE FROM sign_in_failures WHERE last_failed_at < now() - interval '24 hours'`,
  // Sealed answers are of no use to anybody after their window; ended sessions tell known devices from new ones for a while.
  `UPDATE refresh_tokens SET sealed_answer = NULL WHERE sealed_answer IS NOT NULL AND spent_at < now() - interval '1 minute'`,
  // As in the login history: where a session was opened is known to the network only after 90 days.
  `UPDATE sessions SET ip = ${NETWORK} WHERE created_at < now() - interval '90 days' AND masklen(ip) IN (32, 128)`,
  `DELETE FROM sessions WHERE expires_at < now() - interval '30 days' OR ended_at < now() - interval '180 days'`,
];

@Injectable()
export class MaintenanceRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** True for one process at a time, until its transaction ends. */
  async tryLock(): Promise<boolean> {
    const [row] = await this.unitOfWork.manager.query<{ locked: boolean }[]>(
      `SELECT pg_try_advisory_xact_lock(hashtext('maintenance')) AS locked`,
    );
    return row!.locked;
  }

  /** Makes this month and the next two of the login history, those that are not there. */
  async makeMonths(): Promise<void> {
    await this.unitOfWork.manager.query(
      `SELECT create_login_history_month((current_date + n * interval '1 month')::date) FROM generate_series(0, 2) AS n`,
    );
  }

  /** Drops whole months of the login history that lie further back than so many days. */
  async dropMonths(days: number): Promise<void> {
    await this.unitOfWork.manager.query('SELECT drop_login_history_before((current_date - $1::int))', [days]);
  }

  /** Cuts addresses in the login history to their network, /24 or /48, once they are 90 days old. */
  async truncateIps(): Promise<void> {
    await this.unitOfWork.manager.query('SELECT truncate_old_login_ips()');
  }

  /** Blanks where and on what users who have left signed in: attempts are written on the side, some after their user was erased. */
  async forgetLoginOrigins(): Promise<void> {
    await this.unitOfWork.manager.query(
      `SELECT forget_login_origins(id) FROM users WHERE deleted_at > now() - interval '1 day'`,
    );
  }

  async deleteExpired(): Promise<void> {
    for (const statement of EXPIRED) await this.unitOfWork.manager.query(statement);
  }

  /** Age of the key that signs, in days. */
  async signingKeyAgeDays(): Promise<number> {
    const [row] = await this.unitOfWork.manager.query<{ days: number }[]>(
      `SELECT (extract(epoch FROM now() - status_since) / 86400)::float8 AS days FROM signing_keys WHERE status = 'current'`,
    );
    return row?.days ?? 0;
  }
}
