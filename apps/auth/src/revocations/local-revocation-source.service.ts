import { Injectable } from '@nestjs/common';
import { type Revocation, REVOCATION_LIFE_MS, RevocationSource } from '#libs/access';
import { RevocationsRepository } from './revocations.repository.js';

/** A transaction that was slow to commit shows its rows this late. */
const OVERLAP_MS = 60_000;

/** auth reads its own table: everything once, then what is newer than the newest it has read, however long ago that was. */
@Injectable()
export class LocalRevocationSource extends RevocationSource {
  private newest: number | undefined;

  constructor(private readonly repository: RevocationsRepository) {
    super();
  }

  async read(): Promise<Revocation[]> {
    const revocations = await (this.newest === undefined
      ? this.repository.ofLast(REVOCATION_LIFE_MS)
      : this.repository.after(this.newest - OVERLAP_MS));
    for (const { at } of revocations) this.newest = Math.max(this.newest ?? at, at);
    return revocations;
  }
}
