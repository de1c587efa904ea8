import { DomainError } from '#libs/errors';

/** Failures in a row that cost nothing; each further one doubles the wait. */
export const FREE_FAILURES = 10;

/** One answer for an unknown address, a wrong password, an unconfirmed sign-up and a blocked account. */
export class InvalidCredentialsError extends DomainError {
  constructor() {
    super(
      'auth.invalid_credentials',
      'unauthenticated',
      'Address or password is wrong, or the address has not been confirmed yet.',
    );
  }
}

/** Too many failures for this address, whether it is known or not. */
export class TooManyFailuresError extends DomainError {
  constructor(retryAfterSeconds: number) {
    super('auth.too_many_failures', 'too_many', 'Too many attempts. Please wait, or reset your password.', {
      retryAfterSeconds,
      limit: { by: 'identifier', most: FREE_FAILURES },
    });
  }
}
