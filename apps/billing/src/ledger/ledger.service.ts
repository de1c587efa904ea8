import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { activeTraceparent, Outbox } from '#libs/messaging';
import { formatAmount } from '../money/money.js';
import type { Hold, Leg, Posted, PostingRequest } from './ledger.js';
import { AccountNotUsableError, InsufficientFundsError, PostingKeyReusedError } from './ledger.errors.js';
import { type Balance, LedgerRepository, type PostingInput, type PostingOutput } from './ledger.repository.js';

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
      const [output] = await this.repository.post([toInput(request)]);
      this.outbox.announce();
      return toPosted(output!);
    });
  }

  /**
   * Posts many transactions by one call, in the ambient transaction; the database announces them. Each stands for itself: one that is refused
   * leaves no trace and comes back undefined. The locks of all of them are held until the ambient transaction ends.
   */
  async postEach(requests: PostingRequest[]): Promise<(Posted | undefined)[]> {
    const outputs = await this.repository.post(requests.map(toInput));
    this.outbox.announce();
    return outputs.map((output) => (isPosted(output) ? toPosted(output) : undefined));
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

function toInput(request: PostingRequest): PostingInput {
  const legs = request.legs.map((leg) => ({
    code: leg.code,
    ...side('debit', leg.debit),
    ...side('credit', leg.credit),
    currency: leg.currency,
    amount: String(leg.amountMinor),
  }));
  const { type: sourceType, id: sourceId } = request.source;
  return {
    userId: request.userId,
    transactionId: request.transactionId ?? uuidv7(),
    messageId: uuidv7(),
    traceparent: request.traceparent ?? activeTraceparent() ?? null,
    kind: request.kind,
    key: request.idempotencyKey,
    hash: hashOf(request),
    sourceType,
    sourceId,
    actor: request.actor,
    reason: request.reason ?? null,
    effectiveAt: request.effectiveAt?.toISOString() ?? null,
    reverses: request.reverses ?? null,
    meta: request.meta ?? {},
    postsHolds: request.postsHolds ?? [],
    evenFrozen: request.evenFrozen ?? false,
    legs,
  };
}

function side(name: 'debit' | 'credit', value: Leg['debit']): Record<string, string> {
  const [kind, reference] = value.split(':', 2) as ['account' | 'system', string];
  return { [`${name}${kind === 'account' ? 'Account' : 'System'}`]: reference };
}

/** What makes two requests the same transaction; not who asked or why, which may differ between tries. */
function hashOf({ kind, legs, source, reverses }: PostingRequest): string {
  const moves = legs.map((leg) => [leg.code, leg.debit, leg.credit, leg.currency, String(leg.amountMinor)]);
  return hash('sha256', JSON.stringify([kind, source.type, source.id, reverses ?? null, moves]), 'hex');
}

const isPosted = ({ status }: PostingOutput): boolean => status === 'posted' || status === 'replayed';

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
