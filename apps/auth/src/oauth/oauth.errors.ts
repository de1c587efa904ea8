import { DomainError } from '#libs/errors';

/** The way back from Google does not fit the way there: another browser, too late, twice, or made up. */
export class OAuthStateError extends DomainError {
  constructor() {
    super('oauth.state_mismatch', 'invalid', 'This sign-in was not started here or took too long. Please try again.');
  }
}

/** The user said no at Google. */
export class OAuthCancelledError extends DomainError {
  constructor() {
    super('oauth.cancelled', 'invalid', 'Signing in with Google was cancelled.');
  }
}

/** Google did not answer as it should. */
export class GoogleUnavailableError extends DomainError {
  constructor(cause?: unknown) {
    super('oauth.google_unavailable', 'unavailable', 'Google does not answer right now. Please try again.', {
      retryAfterSeconds: 5,
      cause,
    });
  }
}

/** Google refused the code: it was used before or is too old. */
export class OAuthCodeError extends DomainError {
  constructor(cause?: unknown) {
    super('oauth.code_refused', 'invalid', 'This sign-in has been used or is too old. Please try again.', { cause });
  }
}

/** An account whose address Google has not verified opens nothing here. */
export class GoogleEmailUnverifiedError extends DomainError {
  constructor() {
    super('oauth.email_unverified', 'forbidden', 'Please confirm your address at Google first.');
  }
}

/** The address belongs to a user who signs in with another Google account. */
export class GoogleAccountMismatchError extends DomainError {
  constructor() {
    super('oauth.other_account_linked', 'conflict', 'Another Google account is linked to this address.');
  }
}

/** The account may not be used. */
export class OAuthRefusedError extends DomainError {
  constructor() {
    super('oauth.refused', 'forbidden', 'This account cannot be used.');
  }
}

/** GOOGLE_CLIENT_ID is not set. */
export class GoogleNotConfiguredError extends DomainError {
  constructor() {
    super('oauth.google_not_configured', 'not_found', 'Signing in with Google is not offered here.');
  }
}
