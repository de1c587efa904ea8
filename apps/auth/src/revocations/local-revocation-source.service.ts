import { Injectable } from '@nestjs/common';
import { type Revocation, REVOCATION_LIFE_MS, RevocationSource } from '#libs/access';
import { RevocationsRepository } from './revocations.repository.js';

/** A transaction that was slow to commit shows its rows this late. */
const OVERLAP_MS = 60_000;

/** auth reads its own table: everything once, then what is recent. */
@Injectable()
export class LocalRevocationSource extends RevocationSource {
  private readAll = false;

  constructor(private readonly repository: RevocationsRepository) {
    super();
  }

  async read(): Promise<Revocation[]> {
    const revocations = await this.repository.ofLast(this.readAll ? OVERLAP_MS : REVOCATION_LIFE_MS);
    this.readAll = true;
    return revocations;
  }
}
