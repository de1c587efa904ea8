import { DomainError } from '#libs/errors';

/** The account was blocked, deleted or got another password while somebody was signing in. */
export class AccountChangedError extends DomainError {
  constructor() {
    super('auth.account_changed', 'unauthenticated', 'The account has changed meanwhile. Please sign in again.');
  }
}

/** The act is a risky one and the last proof of who it is was given too long ago: sign in again (or step up) first. */
export class StepUpRequiredError extends DomainError {
  constructor() {
    super('auth.step_up_required', 'forbidden', 'Please confirm who you are first: this needs a recent sign-in.');
  }
}

/** The user has no such live session; the same for a session of somebody else. */
export class SessionNotFoundError extends DomainError {
  constructor() {
    super('session.not_found', 'not_found', 'There is no such session.');
  }
}

/** One answer for every refresh token that is not good, whatever the reason: sign in again. */
export class SessionEndedError extends DomainError {
  constructor() {
    super('auth.session_ended', 'unauthenticated', 'This session has ended. Please sign in again.');
  }
}
