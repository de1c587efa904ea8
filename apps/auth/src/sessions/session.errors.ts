import { DomainError } from '#libs/errors';

/** The account was blocked, deleted or got another password while somebody was signing in. */
export class AccountChangedError extends DomainError {
  constructor() {
    super('auth.account_changed', 'unauthenticated', 'The account has changed meanwhile. Please sign in again.');
  }
}

/** One answer for every refresh token that is not good, whatever the reason: sign in again. */
export class SessionEndedError extends DomainError {
  constructor() {
    super('auth.session_ended', 'unauthenticated', 'This session has ended. Please sign in again.');
  }
}
