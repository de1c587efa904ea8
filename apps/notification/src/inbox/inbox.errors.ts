import { DomainError } from '#libs/errors';

/** The user has no such message; whether somebody else has is not told. */
export class NotificationNotFoundError extends DomainError {
  constructor() {
    super('notification.not_found', 'not_found', 'There is no such notification.');
  }
}

/** This replica carries as many live streams as it can. */
export class TooManyStreamsError extends DomainError {
  constructor() {
    super('notification.too_many_streams', 'unavailable', 'Too many live streams are open; try again later.');
  }
}
