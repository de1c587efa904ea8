import { DomainError } from '#libs/errors';

/** Told only to who has proved the address by its link. */
export class EmailTakenError extends DomainError {
  constructor() {
    super('email.taken', 'conflict', 'This address belongs to an account already.');
  }
}
