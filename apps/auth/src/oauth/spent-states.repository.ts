import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';

@Injectable()
export class SpentStatesRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Notes that a state came back; of several times, in whatever order or at once, only one gets true. */
  async spend(state: string, expiresAt: Date): Promise<boolean> {
    const rows = await this.unitOfWork.manager.query<unknown[]>(
      'INSERT INTO spent_oauth_states (state_hash, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING expires_at',
      [createHash('sha256').update(state).digest(), expiresAt],
    );
    return rows.length > 0;
  }
}
