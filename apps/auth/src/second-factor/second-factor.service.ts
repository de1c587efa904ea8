import { Injectable } from '@nestjs/common';
import { sealSecret } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { AuthConfig } from '../auth.config.js';
import type { Client } from '../sessions/client.js';
import { SessionEndings } from '../sessions/session-endings.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { StepUpService } from '../sessions/step-up.service.js';
import { UserGoneError } from '../users/user.errors.js';
import { UsersRepository } from '../users/users.repository.js';
import { CodesService } from './codes.service.js';
import { FactorsRepository } from './factors.repository.js';
import { SecondFactorTrail } from './second-factor-trail.service.js';
import { SecondFactorActiveError, SecondFactorFailedError, SecondFactorInactiveError } from './second-factor.errors.js';
import { newTotpSecret, totpUri } from './totp.js';

/** The signed-in user who asks. */
interface Self {
  userId: string;
  sessionId: string;
}

@Injectable()
export class SecondFactorService {
  constructor(
    private readonly config: AuthConfig,
    private readonly unitOfWork: UnitOfWork,
    private readonly factors: FactorsRepository,
    private readonly codes: CodesService,
    private readonly users: UsersRepository,
    private readonly sessions: SessionsService,
    private readonly endings: SessionEndings,
    private readonly stepUp: StepUpService,
    private readonly trail: SecondFactorTrail,
  ) {}

  /** Makes a secret for an authenticator app; it counts once a code of it was given. Throws StepUpRequiredError, SecondFactorActiveError. */
  async begin({ userId, sessionId }: Self): Promise<{ secret: string; uri: string }> {
    await this.stepUp.assertFresh(sessionId);
    const secret = newTotpSecret();
    const sealed = sealSecret(secret, this.config.AUTH_KEY_ENCRYPTION_SECRET);
    return this.unitOfWork.run(async () => {
      const user = await this.users.lock(userId);
      if (!user) throw new UserGoneError();
      if (!(await this.factors.begin(userId, sealed))) throw new SecondFactorActiveError();
      return { secret, uri: totpUri(secret, user.email, new URL(this.config.AUTH_PUBLIC_URL).hostname) };
    });
  }

  /**
   * Switches TOTP on by a first code; returns the recovery codes, for this once. The session counts as opened with both factors.
   * Throws SecondFactorFailedError.
   */
  async confirm({ userId, sessionId }: Self, code: string, client: Client): Promise<string[]> {
    return this.byCode(userId, code, client, 'unconfirmed', async () => {
      await this.factors.confirm(userId);
      await this.sessions.raise(sessionId);
      await this.trail.enabled(userId, client);
      return this.codes.renewRecoveryCodes(userId);
    });
  }

  /** Ten new recovery codes for a code. Throws SecondFactorFailedError. */
  async renewRecoveryCodes({ userId, sessionId }: Self, code: string, client: Client): Promise<string[]> {
    return this.byCode(userId, code, client, 'confirmed', async () => {
      await this.sessions.raise(sessionId);
      await this.trail.codesRenewed(userId, client);
      return this.codes.renewRecoveryCodes(userId);
    });
  }

  /** Switches TOTP off for a code. Throws SecondFactorFailedError, SecondFactorInactiveError. */
  async disable({ userId }: Self, code: string, client: Client): Promise<void> {
    if (!(await this.factors.isActive(userId))) throw new SecondFactorInactiveError();
    await this.byCode(userId, code, client, 'confirmed', async () => {
      await this.factors.remove(userId);
      // Sessions raised by the factor that is gone must not keep what it gave them.
      await this.endings.endAll(userId, 'logout_all');
      await this.trail.disabled(userId, client);
    });
  }

  /**
   * Takes TOTP away when it was switched on since a moment, and says so: whoever did it is not the user. Runs in the caller's
   * transaction, which has locked the user.
   */
  async takeAway(userId: string, since: Date, client: Client): Promise<void> {
    if (await this.factors.remove(userId, since)) await this.trail.disabled(userId, client);
  }

  /** Raises the session by a code: fresh for risky acts, and with both factors. Throws SecondFactorFailedError. */
  async prove({ userId, sessionId }: Self, code: string, client: Client): Promise<void> {
    await this.byCode(userId, code, client, 'confirmed', () => this.sessions.raise(sessionId));
  }

  /** Does `work` for a right code, in the transaction in which the code is checked: nothing comes between the two. */
  private async byCode<T>(
    userId: string,
    code: string,
    client: Client,
    which: 'confirmed' | 'unconfirmed',
    work: () => Promise<T>,
  ): Promise<T> {
    const done = await this.unitOfWork.run(async () =>
      (await this.codes.check(userId, code, client, which)) ? { result: await work() } : undefined,
    );
    // Thrown after the commit: a wrong code stays counted.
    if (!done) throw new SecondFactorFailedError();
    return done.result;
  }
}
