import { Injectable } from '@nestjs/common';
import { RegistrationRepeatedV1, sealSecret, UserVerificationRequestedV1, uuidv7 } from '#libs/contracts';
import { Outbox } from '#libs/messaging';
import { AuthConfig } from '../auth.config.js';
import { RegistrationsRepository } from '../registration/registrations.repository.js';
import type { User } from '../users/user.js';
import { UsersRepository } from '../users/users.repository.js';
import type { MailRequest } from './mail-requests.repository.js';
import { newOneTimeToken } from './one-time-token.js';

/** Decides what a request for a mail leads to. Runs in the worker's transaction. */
@Injectable()
export class MailDispatchService {
  constructor(
    private readonly config: AuthConfig,
    private readonly users: UsersRepository,
    private readonly registrations: RegistrationsRepository,
    private readonly outbox: Outbox,
  ) {}

  /** Hands the mail that is due, if any, to the outbox. */
  async answer(request: MailRequest): Promise<void> {
    const owner = await this.users.findByEmail(request.email);
    switch (request.purpose) {
      case 'registration':
        return owner ? this.tellOwner(owner, request.registrationId!) : this.sendLink(request, request.registrationId!);
      case 'verification':
        return owner ? undefined : this.sendLinkAgain(request);
      case 'recovery':
        return undefined;
    }
  }

  /** The password somebody chose for an address that has an account leads nowhere; the owner learns of the attempt. */
  private async tellOwner(owner: User, registrationId: string): Promise<void> {
    await this.registrations.delete(registrationId);
    const { id: userId, email, locale } = owner;
    const event = new RegistrationRepeatedV1({ userId, email, locale, at: new Date().toISOString() });
    await this.outbox.add(event, { aggregateId: userId, aggregateVersion: await this.users.nextVersion(userId) });
  }

  private async sendLink(request: MailRequest, registrationId: string): Promise<void> {
    const token = newOneTimeToken();
    const expiresAt = await this.registrations.giveToken(registrationId, token.hash);
    if (!expiresAt) return;
    const link = `${this.config.AUTH_PUBLIC_URL}/auth/verify-email?token=${token.plain}&lang=${request.locale}`;
    const event = new UserVerificationRequestedV1({
      userId: registrationId,
      email: request.email,
      locale: request.locale,
      sealedLink: sealSecret(link, this.config.EVENT_SECRETS_KEY),
      expiresAt: expiresAt.toISOString(),
    });
    await this.outbox.add(event, { aggregateId: registrationId, aggregateVersion: 0 });
  }

  /**
   * A link asked for without a password proves the address only. When several sign-ups wait for one address, nobody knows
   * whose password is the owner's: the new link then leads to an account without one, to be set by "forgotten password".
   */
  private async sendLinkAgain(request: MailRequest): Promise<void> {
    const waiting = await this.registrations.waitingFor(request.email);
    if (waiting.length === 0) return;
    const id = waiting.length === 1 ? waiting[0]! : uuidv7();
    if (waiting.length > 1)
      await this.registrations.insert({ id, email: request.email, passwordHash: null, locale: request.locale });
    await this.sendLink(request, id);
  }
}
