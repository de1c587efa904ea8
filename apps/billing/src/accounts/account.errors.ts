import { DomainError } from '#libs/errors';

export class AccountNotFoundError extends DomainError {
  constructor() {
    super('account.not_found', 'not_found', 'There is no such account.');
  }
}

export class AccountNotEmptyError extends DomainError {
  constructor() {
    super('account.not_empty', 'conflict', 'An account can be closed only when nothing is in it or held on it.');
  }
}
