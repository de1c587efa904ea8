import { DomainError } from '#libs/errors';

/** The link was used, replaced by a newer one, is too old, or never was one: nobody learns which. */
export class LinkInvalidError extends DomainError {
  constructor() {
    super('auth.link_invalid', 'invalid', 'This link does not work any more. Please ask for a new one.');
  }
}
