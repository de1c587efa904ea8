import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { withholdingAt, type Withholding } from './standing.js';
import { UserWithheldError } from './standing.errors.js';
import { UserStandingsRepository } from './user-standings.repository.js';

@Injectable()
export class UserStandings {
  constructor(
    private readonly repository: UserStandingsRepository,
    private readonly clock: Clock,
  ) {}

  /** Why what the user has paid for is withheld at `now`; null for a user in good standing. */
  async withheldAt(userId: string, now: Date): Promise<Withholding | null> {
    const standing = await this.repository.find(userId);
    return standing ? withholdingAt(standing, now) : null;
  }

  /** The same at this moment. */
  async withheldNow(userId: string): Promise<Withholding | null> {
    return this.withheldAt(userId, await this.clock.now());
  }

  /** Throws UserWithheldError (403) for a blocked or deleted user. */
  async assertGood(userId: string): Promise<void> {
    const withheld = await this.withheldNow(userId);
    if (withheld) throw new UserWithheldError(withheld.reason);
  }
}
