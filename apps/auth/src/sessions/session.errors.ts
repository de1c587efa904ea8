import { DomainError } from '#libs/errors';

/** One answer for every refresh token that is not good, whatever the reason: sign in again. */
export class SessionEndedError extends DomainError {
  constructor() {
    super('auth.session_ended', 'unauthenticated', 'This session has ended. Please sign in again.');
  }
}
