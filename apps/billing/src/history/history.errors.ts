import { DomainError } from '#libs/errors';

export class TransactionNotFoundError extends DomainError {
  constructor() {
    super('transaction.not_found', 'not_found', 'There is no such transaction.');
  }
}
