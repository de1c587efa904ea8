import { Injectable } from '@nestjs/common';
import {
  type Locale,
  PasswordRecoveryRequestedV1,
  RegistrationRepeatedV1,
  sealSecret,
  UserEmailUndoOfferedV1,
  UserVerificationRequestedV1,
  uuidv7,
} from '#libs/contracts';
import { Outbox } from '#libs/messaging';
import { AuthConfig } from '../auth.config.js';
import { RegistrationsRepository } from '../registration/registrations.repository.js';
import { isBlocked, type User } from '../users/user.js';
import { UsersRepository } from '../users/users.repository.js';
import type { MailRequest } from './mail-requests.repository.js';
import { OneTimeTokensRepository } from './one-time-tokens.repository.js';
import { newOneTimeToken } from './one-time-token.js';

/** Decides what a request for a mail leads to. Runs in the worker's transaction. */
@Injectable()
export class MailDispatchService {
  constructor(
    private readonly config: AuthConfig,
    private readonly users: UsersRepository,
    private readonly registrations: RegistrationsRepository,
    private readonly tokens: OneTimeTokensRepository,
    private readonly outbox: Outbox,
  ) {}

  /** Hands the mail that is due, if any, to the outbox. */
  async answer(request: MailRequest): Promise<void> {
    const owner = await this.users.findByEmail(request.email);
    switch (request.purpose) {
      case 'registration':
        if (!owner) return this.sendLink(request, request.registrationId);
        // The password somebody chose for an address that has an account leads nowhere.
        await this.registrations.delete(request.registrationId);
        return this.tellOwner(owner);
      case 'verification':
        return owner ? undefined : this.sendLinkAgain(request);
      case 'recovery':
        return owner && this.answerRecovery(owner);
      case 'email_change':
        return owner ? this.tellOwner(owner) : this.sendEmailChange(request);
    }
  }

  /** Somebody wants an address that has an account: its owner learns of the attempt. */
  private async tellOwner(owner: User): Promise<void> {
    const { id: userId, email, locale } = owner;
    const event = new RegistrationRepeatedV1({ userId, email, locale, at: new Date().toISOString() });
    await this.outbox.add(event, { aggregateId: userId, aggregateVersion: await this.users.nextVersion(userId) });
  }

  private async sendLink(request: MailRequest, registrationId: string): Promise<void> {
    const token = newOneTimeToken();
    const expiresAt = await this.registrations.giveToken(registrationId, token.hash);
    if (!expiresAt) return;
    const { email, locale } = request;
    const sealedLink = this.seal('/auth/verify-email', token.plain, locale);
    const facts = { userId: registrationId, email, locale, sealedLink, expiresAt: expiresAt.toISOString() };
    await this.outbox.add(new UserVerificationRequestedV1(facts), { aggregateId: registrationId, aggregateVersion: 0 });
  }

  /** Looks again with the user locked: an address that has just been left must not get a way in. */
  private async answerRecovery({ id, email }: User): Promise<void> {
    const owner = await this.users.lock(id);
    if (owner?.email === email && !isBlocked(owner)) await this.sendRecovery(owner);
  }

  /** Mails a link to set a new password, whatever the recipient's allowance. */
  async sendRecovery({ id: userId, email, locale }: User): Promise<void> {
    const token = newOneTimeToken();
    const expiresAt = await this.tokens.issue(userId, 'reset_password', token.hash);
    const sealedLink = this.seal('/auth/password/reset', token.plain, locale);
    const event = new PasswordRecoveryRequestedV1({
      userId,
      email,
      locale,
      sealedLink,
      expiresAt: expiresAt.toISOString(),
    });
    await this.outbox.add(event, { aggregateId: userId, aggregateVersion: await this.users.nextVersion(userId) });
  }

  /**
   * Nothing is sent when all the user's tokens were voided since: it may have been somebody else who asked. Nor while a sign-up
   * waits for the address: whoever expects the mail of one must not be led to give the address to an account of a stranger.
   */
  private async sendEmailChange({
    email,
    userId,
    tokenEpoch,
  }: MailRequest & { purpose: 'email_change' }): Promise<void> {
    const user = await this.users.lock(userId);
    if (user?.tokenEpoch !== tokenEpoch || (await this.registrations.isAwaited(email))) return;
    const token = newOneTimeToken();
    const expiresAt = await this.tokens.issue(userId, 'change_email', token.hash, email);
    const { locale } = user;
    const sealedLink = this.seal('/auth/email/confirm', token.plain, locale);
    const facts = { userId, email, locale, sealedLink, expiresAt: expiresAt.toISOString(), movesAccount: true };
    const event = new UserVerificationRequestedV1(facts);
    await this.outbox.add(event, { aggregateId: userId, aggregateVersion: await this.users.nextVersion(userId) });
  }

  /** Mails the way back to the address a user had. */
  async sendEmailUndo({ id: userId, email, locale }: User, token: string, expiresAt: Date): Promise<void> {
    const sealedLink = this.seal('/auth/email/undo', token, locale);
    const event = new UserEmailUndoOfferedV1({ userId, email, locale, sealedLink, expiresAt: expiresAt.toISOString() });
    await this.outbox.add(event, { aggregateId: userId, aggregateVersion: await this.users.nextVersion(userId) });
  }

  /** Links begin with the configured address, whatever the request said it was called by. */
  private seal(path: string, token: string, locale: Locale): string {
    const link = `${this.config.AUTH_PUBLIC_URL}${path}?token=${token}&lang=${locale}`;
    return sealSecret(link, this.config.EVENT_SECRETS_KEY);
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
