import { Injectable } from '@nestjs/common';
import type { Locale } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { LoginHistoryService } from '../login-history/login-history.service.js';
import { type Admission, GatekeeperService } from '../second-factor/gatekeeper.service.js';
import type { Client } from '../sessions/client.js';
import { isBlocked } from '../users/user.js';
import { UsersRepository } from '../users/users.repository.js';
import { GoogleAccountsService } from './google-accounts.service.js';
import type { GoogleProfile } from './google.strategy.js';
import { IdentitiesRepository } from './identities.repository.js';
import { OAuthRefusedError } from './oauth.errors.js';

@Injectable()
export class GoogleSignInService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly identities: IdentitiesRepository,
    private readonly accounts: GoogleAccountsService,
    private readonly users: UsersRepository,
    private readonly gatekeeper: GatekeeperService,
    private readonly history: LoginHistoryService,
  ) {}

  /**
   * Opens a session for a Google account: that of its user, of the user with the same address when Google has verified it,
   * or of a new user. Throws SecondFactorRequiredError, GoogleEmailUnverifiedError,
   * GoogleAccountMismatchError, OAuthRefusedError.
   */
  async signIn(profile: GoogleProfile, locale: Locale, client: Client): Promise<Admission> {
    const userId = await this.unitOfWork.run(
      async () => (await this.identities.userOf(profile.subject)) ?? this.accounts.join(profile, locale),
    );
    const user = await this.users.findById(userId);
    if (!user || isBlocked(user)) {
      this.history.record({ userId, method: 'google', outcome: 'refused', client });
      throw new OAuthRefusedError();
    }
    return this.gatekeeper.admit(user, 'google', client, { also: () => this.assertLinked(profile.subject, userId) });
  }

  /** Whoever unlinks has locked the user, as the admission has: what was unlinked meanwhile opens nothing. */
  private async assertLinked(subject: string, userId: string): Promise<void> {
    if ((await this.identities.userOf(subject)) !== userId) throw new OAuthRefusedError();
  }
}
