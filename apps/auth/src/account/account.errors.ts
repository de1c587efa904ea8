import { DomainError } from '#libs/errors';

/** Without it the user could never come in again: a password first. */
export class LastWayInError extends DomainError {
  constructor() {
    super('account.last_way_in', 'conflict', 'This is the only way to sign in. Please set a password first.');
  }
}

/** No Google account is linked. */
export class NotLinkedError extends DomainError {
  constructor() {
    super('account.not_linked', 'not_found', 'No Google account is linked.');
  }
}
