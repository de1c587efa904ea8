import { Injectable } from '@nestjs/common';
import { type Locale, uuidv7 } from '#libs/contracts';
import { RegistrationsRepository } from '../registration/registrations.repository.js';
import { ChallengesRepository } from '../second-factor/challenges.repository.js';
import { normalizeEmail } from '#libs/contracts';
import type { User } from '../users/user.js';
import { UsersRepository } from '../users/users.repository.js';
import { UsersService } from '../users/users.service.js';
import type { GoogleProfile } from './google.strategy.js';
import { IdentitiesRepository } from './identities.repository.js';
import { IdentityTrail } from './identity-trail.service.js';
import { GoogleAccountMismatchError, GoogleEmailUnverifiedError, OAuthRefusedError } from './oauth.errors.js';

/** Brings a Google account that is seen for the first time together with a user. */
@Injectable()
export class GoogleAccountsService {
  constructor(
    private readonly identities: IdentitiesRepository,
    private readonly users: UsersService,
    private readonly repository: UsersRepository,
    private readonly registrations: RegistrationsRepository,
    private readonly challenges: ChallengesRepository,
    private readonly trail: IdentityTrail,
  ) {}

  /** Finds or makes the user; runs in the caller's transaction and returns the user's id. */
  async join(profile: GoogleProfile, locale: Locale): Promise<string> {
    if (!profile.emailVerified || !profile.email) throw new GoogleEmailUnverifiedError();
    const email = normalizeEmail(profile.email);
    const id = uuidv7();
    const created = await this.users.create({ id, email, passwordHash: null, locale, roles: ['public_user'] });
    // Whoever signed up with this address without proving it loses the sign-up, password and all.
    await this.registrations.deleteFor(email);
    if (created) {
      await this.identities.link(profile.subject, id, email);
      return id;
    }
    const owner = await this.repository.findByEmail(email);
    const user = owner && (await this.repository.lock(owner.id));
    // Looked at again under the lock: the address may have just been given back to its earlier owner's account.
    if (user?.email !== email || !user.emailVerified) throw new OAuthRefusedError();
    await this.linkTo(user, profile.subject, email);
    return user.id;
  }

  /**
   * Takes Google away as a way in, or only when linked since a moment, and says so; false when there is nothing to take.
   * Runs in the caller's transaction, which has locked the user.
   */
  async unlink(userId: string, since?: Date): Promise<boolean> {
    if (!(await this.identities.unlink(userId, since))) return false;
    await this.challenges.deleteOf(userId, 'google');
    await this.trail.unlinked(userId);
    return true;
  }

  private async linkTo(user: User, subject: string, email: string): Promise<void> {
    if (!(await this.identities.link(subject, user.id, email))) {
      // Two first sign-ins at once: the other one has linked the very same account.
      if ((await this.identities.userOf(subject)) === user.id) return;
      throw new GoogleAccountMismatchError();
    }
    await this.trail.linked(user.id);
  }
}
