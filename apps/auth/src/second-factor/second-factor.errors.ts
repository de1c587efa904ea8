import { DomainError } from '#libs/errors';

/** The first factor was right: `challenge` and a code at /auth/mfa/verify open the session. */
export class SecondFactorRequiredError extends DomainError {
  constructor(
    readonly challenge: string,
    expiresInSeconds: number,
  ) {
    super('auth.second_factor_required', 'unauthenticated', 'Please enter the code of your authenticator app.', {
      meta: { challenge, expiresInSeconds },
    });
  }
}

/** Wrong code, used code, expired or spent challenge: nobody learns which. */
export class SecondFactorFailedError extends DomainError {
  constructor() {
    super(
      'auth.second_factor_failed',
      'unauthenticated',
      'This code does not work, or it took too long. Please try again.',
    );
  }
}

/** TOTP is on already. */
export class SecondFactorActiveError extends DomainError {
  constructor() {
    super('auth.second_factor_active', 'conflict', 'The second factor is on already.');
  }
}

/** TOTP is not on. */
export class SecondFactorInactiveError extends DomainError {
  constructor() {
    super('auth.second_factor_inactive', 'not_found', 'The second factor is not on.');
  }
}
