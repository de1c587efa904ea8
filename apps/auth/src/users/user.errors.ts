import { DomainError } from '#libs/errors';

/** The access token is genuine, the account behind it was deleted. */
export class UserGoneError extends DomainError {
  constructor() {
    super('auth.unauthenticated', 'unauthenticated', 'This account does not exist any more.');
  }
}
