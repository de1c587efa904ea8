import { DomainError } from '#libs/errors';

/** The wallet holds less than the posting takes (402). */
export class InsufficientFundsError extends DomainError {
  constructor(currency: string, missing: string) {
    super('account.insufficient_funds', 'payment_required', `${missing} ${currency} are missing on the account.`, {
      meta: { missing: { amount: missing, currency } },
    });
  }
}

/** The account does not exist for this user, is closed, or is frozen. */
export class AccountNotUsableError extends DomainError {
  constructor(why: 'unknown' | 'closed' | 'frozen') {
    super(`account.${why}`, 'conflict', `The account is ${why}.`);
  }
}

/** The posting key was used before with other content. */
export class PostingKeyReusedError extends DomainError {
  constructor() {
    super('idempotency.key_reused', 'invalid', 'This key was used before with a different request.');
  }
}
