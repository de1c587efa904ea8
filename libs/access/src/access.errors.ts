import { DomainError } from '#libs/errors';

/** No access token, or one that is not valid (any more). */
export class UnauthenticatedError extends DomainError {
  constructor(message = 'A valid access token is needed.') {
    super('auth.unauthenticated', 'unauthenticated', message);
  }
}

/** Signed in, but without the role the route asks for. */
export class ForbiddenError extends DomainError {
  constructor() {
    super('auth.forbidden', 'forbidden', 'You are not allowed to do this.');
  }
}

/** The list of revoked tokens was never read, or not lately, so nobody can say whether the token is still good: never a 401. */
export class RevocationsUnavailableError extends DomainError {
  constructor() {
    super(
      'auth.revocations_unavailable',
      'unavailable',
      'Access tokens cannot be checked right now. Please try again.',
      {
        retryAfterSeconds: 2,
      },
    );
  }
}

/** The public keys cannot be read right now, so nobody can say whether the token is good: never a 401. */
export class KeysUnavailableError extends DomainError {
  constructor(cause?: unknown) {
    super('auth.keys_unavailable', 'unavailable', 'Access tokens cannot be checked right now. Please try again.', {
      retryAfterSeconds: 2,
      cause,
    });
  }
}
