import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { EntitlementsService } from '../entitlements/entitlements.service.js';
import { ProfilesService } from '../profiles/profiles.service.js';
import { UserStandingsRepository } from '../standing/user-standings.repository.js';
import { SwitchRenewalService } from '../subscriptions/switch-renewal.service.js';

@Injectable()
export class UsersService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly standings: UserStandingsRepository,
    private readonly entitlements: EntitlementsService,
    private readonly renewals: SwitchRenewalService,
    private readonly profiles: ProfilesService,
  ) {}

  /** Withholds access, or returns what is left of it; an older `version` than the last one changes nothing. */
  async block(userId: string, version: number, blocked: boolean, until: Date | null): Promise<void> {
    await this.unitOfWork.run(async () => {
      await this.entitlements.lock(userId);
      await this.standings.setBlocked(userId, version, blocked, until);
      await this.entitlements.refresh(userId);
    });
  }

  /** Withholds access for good, stops every renewal and erases what the user said about themselves. */
  async forget(userId: string, at: Date): Promise<void> {
    await this.unitOfWork.run(async () => {
      await this.entitlements.lock(userId);
      await this.standings.setDeleted(userId, at);
      await this.renewals.offAll(userId);
      await this.profiles.erase(userId);
      await this.entitlements.refresh(userId);
    });
  }
}
