import { DomainError } from '#libs/errors';

/** The password given as the current one is not. */
export class WrongCurrentPasswordError extends DomainError {
  constructor() {
    super('password.current_wrong', 'forbidden', 'The current password is wrong.');
  }
}
