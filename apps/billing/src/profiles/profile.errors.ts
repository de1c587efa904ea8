import { DomainError } from '#libs/errors';

export class ProfileNotFoundError extends DomainError {
  constructor() {
    super('profile.not_found', 'not_found', 'There is no profile yet.');
  }
}

export class ProfileNeededError extends DomainError {
  constructor() {
    super('profile.needed', 'conflict', 'Please create your profile first.');
  }
}

export class EmailNotVerifiedError extends DomainError {
  constructor() {
    super('user.email_not_verified', 'forbidden', 'Please confirm your e-mail address first.');
  }
}
