import { DomainError } from '#libs/errors';

/** Without a super user nobody could make one. */
export class LastSuperUserError extends DomainError {
  constructor() {
    super('admin.last_super_user', 'conflict', 'This is the last super user.');
  }
}

/** No such user, or not any more. */
export class UserNotFoundError extends DomainError {
  constructor() {
    super('admin.user_not_found', 'not_found', 'There is no such user.');
  }
}

/** Administrators act on users; on administrators only super users act, and nobody takes their own second factor away this way. */
export class NotYourUserError extends DomainError {
  constructor() {
    super('auth.forbidden', 'forbidden', 'You are not allowed to do this.');
  }
}
