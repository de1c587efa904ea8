import { UnitOfWork } from '#libs/database';

/** The ids a consumer has already dealt with, in the transaction of the effect. */
export class InboxRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Records the ids and returns those that are new; waits for another replica that is recording the same one. */
  async claim(consumer: string, ids: string[]): Promise<Set<string>> {
    this.unitOfWork.requireTransaction();
    // One order for everybody: two replicas with overlapping sets must not wait for each other.
    const sorted = [...new Set(ids)].sort();
    const rows = await this.unitOfWork.manager.query<{ message_id: string }[]>(
      'INSERT INTO inbox (consumer, message_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING RETURNING message_id',
      [consumer, sorted],
    );
    return new Set(rows.map((row) => row.message_id));
  }
}
