import { Injectable } from '@nestjs/common';
import { type Locale, UserLocaleChangedV1 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { Outbox } from '#libs/messaging';
import { GoogleAccountsService } from '../oauth/google-accounts.service.js';
import { StepUpService } from '../sessions/step-up.service.js';
import type { User } from '../users/user.js';
import { UserGoneError } from '../users/user.errors.js';
import { UsersRepository } from '../users/users.repository.js';
import { LastWayInError, NotLinkedError } from './account.errors.js';
import { LeavingService } from './leaving.service.js';

/** The signed-in user who asks. */
interface Self {
  userId: string;
  sessionId: string;
}

@Injectable()
export class AccountService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersRepository,
    private readonly stepUp: StepUpService,
    private readonly leaving: LeavingService,
    private readonly google: GoogleAccountsService,
    private readonly outbox: Outbox,
  ) {}

  /** Changes the language of pages and mails and says so. */
  async setLocale(userId: string, locale: Locale): Promise<User> {
    return this.unitOfWork.run(async () => {
      const user = await this.users.lock(userId);
      if (!user) throw new UserGoneError();
      if (user.locale === locale) return user;
      await this.users.setLocale(userId, locale);
      const event = new UserLocaleChangedV1({ userId, locale, changedAt: new Date().toISOString() });
      await this.outbox.add(event, { aggregateId: userId, aggregateVersion: await this.users.nextVersion(userId) });
      return { ...user, locale };
    });
  }

  /** Takes Google away as a way in and says so. Throws LastWayInError, NotLinkedError, StepUpRequiredError. */
  async unlinkGoogle({ userId, sessionId }: Self): Promise<void> {
    await this.stepUp.assertFresh(sessionId);
    await this.unitOfWork.run(async () => {
      const user = await this.users.lock(userId);
      if (user?.passwordHash === null) throw new LastWayInError();
      if (!(await this.google.unlink(userId))) throw new NotLinkedError();
    });
  }

  /** Deletes the account for good. Throws LastSuperUserError, StepUpRequiredError. */
  async delete({ userId, sessionId }: Self): Promise<void> {
    await this.stepUp.assertFresh(sessionId);
    await this.unitOfWork.run(() => this.leaving.leave(userId));
  }
}
