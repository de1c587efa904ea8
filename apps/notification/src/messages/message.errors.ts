import { DomainError } from '#libs/errors';

/** The user's own event has not arrived yet; it will, so this one is tried again. */
export class ContactUnknownError extends DomainError {
  constructor(userId: string) {
    super('contact.unknown', 'unavailable', `Nothing is known of user ${userId} yet.`);
  }
}
