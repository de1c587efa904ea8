import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { Outbox } from '#libs/messaging';
import { formatAmount } from '../money/money.js';
import type { Hold, Leg, Posted, PostingRequest } from './ledger.js';
import { AccountNotUsableError, InsufficientFundsError, PostingKeyReusedError } from './ledger.errors.js';
import { type Balance, LedgerRepository, type PostingOutput } from './ledger.repository.js';
import { toInput } from './posting-input.js';
import { repaymentOfAll } from './repayment.js';

@Injectable()
export class LedgerService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: LedgerRepository,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Posts one transaction, in the ambient transaction or one of its own; the database announces it in the outbox.
   * Throws InsufficientFundsError, AccountNotUsableError or PostingKeyReusedError; nothing is written then.
   */
  async post(request: PostingRequest): Promise<Posted> {
    return this.unitOfWork.run(async () => {
      const output = await this.repository.post(toInput(request));
      this.outbox.announce();
      return toPosted(output);
    });
  }

  /**
   * Repays what the user owes out of what is free in the wallets of the same currencies: to be called when money has come back or a hold was
   * let go, in the ambient transaction, so that nobody spends what a debt is older than. `cause` names what freed it, and is used once.
   */
  async repayDebts(userId: string, cause: PostingRequest['source']): Promise<void> {
    this.unitOfWork.requireTransaction();
    const legs = repaymentOfAll(await this.lockBalances(userId));
    if (legs.length === 0) return;
    await this.post({
      userId,
      kind: 'debt_repaid',
      idempotencyKey: `debt_repaid:${cause.type}:${cause.id}`,
      legs,
      source: cause,
      actor: 'system',
      evenFrozen: true,
    });
  }

  /** All accounts of a user, locked until the ambient transaction ends: for a posting whose legs depend on what is there. */
  async lockBalances(userId: string): Promise<Balance[]> {
    return this.repository.lockBalances(userId);
  }

  /** All accounts of a user with what is in them. */
  async balances(userId: string): Promise<Balance[]> {
    return this.repository.balances(userId);
  }

  /** The movements of a user's transaction, as they were posted. */
  async legsOf(userId: string, transactionId: string): Promise<Leg[]> {
    return this.repository.legs(userId, transactionId);
  }

  /** Keeps part of a wallet from being spent; false when there is not that much to spare. */
  async hold(hold: Hold): Promise<boolean> {
    return this.repository.placeHold(hold);
  }

  /** Lets a hold go, once; false when it was decided before. */
  async release(userId: string, holdId: string): Promise<boolean> {
    return this.repository.voidHold(userId, holdId);
  }

  /** How much these holds keep, of those that are not decided. */
  async heldBy(userId: string, holdIds: string[]): Promise<bigint> {
    return holdIds.length === 0 ? 0n : this.repository.heldBy(userId, holdIds);
  }
}

function toPosted(output: PostingOutput): Posted {
  switch (output.status) {
    case 'posted':
    case 'replayed':
      return {
        transactionId: output.transactionId,
        recordedAt: new Date(output.recordedAt),
        replayed: output.status === 'replayed',
      };
    case 'insufficient_funds':
      throw new InsufficientFundsError(output.currency, formatAmount(BigInt(output.missing), output.exponent));
    case 'account_unknown':
      throw new AccountNotUsableError('unknown');
    case 'account_closed':
      throw new AccountNotUsableError('closed');
    case 'account_frozen':
      throw new AccountNotUsableError('frozen');
    case 'key_reused':
      throw new PostingKeyReusedError();
  }
}
