import { DomainError } from '#libs/errors';
import type { Withheld } from './standing.js';

/** A token may outlive the right to use it by a second or two: nothing is sold to its holder. */
export class UserWithheldError extends DomainError {
  constructor(reason: Withheld) {
    super(`user.${reason}`, 'forbidden', 'This user may not buy anything.');
  }
}
