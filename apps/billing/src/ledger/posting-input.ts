import { hash } from 'node:crypto';
import { uuidv7 } from '#libs/contracts';
import { activeTraceparent } from '#libs/messaging';
import type { Leg, PostingRequest } from './ledger.js';

/** What `post_transactions` takes. */
export interface PostingInput {
  userId: string;
  transactionId: string;
  /** Of the event that the function puts into the outbox, with the trace it belongs to. */
  messageId: string;
  traceparent: string | null;
  kind: string;
  key: string;
  hash: string;
  sourceType: string;
  sourceId: string;
  actor: string;
  reason: string | null;
  effectiveAt: string | null;
  reverses: string | null;
  meta: Record<string, string>;
  postsHolds: string[];
  evenFrozen: boolean;
  legs: LegInput[];
}

interface LegInput {
  code: string;
  debitAccount?: string;
  debitSystem?: string;
  creditAccount?: string;
  creditSystem?: string;
  currency: string;
  amount: string;
}

/** A request as `post_transactions` takes it, announced in the active trace. */
export function toInput(request: PostingRequest): PostingInput {
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
    traceparent: activeTraceparent() ?? null,
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
