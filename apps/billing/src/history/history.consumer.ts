import { Controller } from '@nestjs/common';
import { PostingRecordedV1, PostingRecordedV2 } from '#libs/contracts';
import { Consumes, type Received } from '#libs/messaging';
import { Gauge } from '#libs/telemetry';
import type { HistoryEntry } from './history-entry.schema.js';
import { HistoryRepository } from './history.repository.js';

/** The queue that fills the history. */
export const PROJECT_HISTORY = 'billing.project-history';

const lag = new Gauge({
  name: 'billing_history_lag_seconds',
  help: 'From the recording of the last posting that arrived to its place in the history',
});

/** Copies what the ledger recorded into the history. */
@Controller()
export class HistoryConsumer {
  constructor(private readonly history: HistoryRepository) {}

  @Consumes(PROJECT_HISTORY, PostingRecordedV2)
  async onPosting({ payload }: Received<PostingRecordedV2>): Promise<void> {
    await this.history.add(payload.entries.map((entry) => lineOf(payload, entry)));
    lag.set(Math.max(0, (Date.now() - Date.parse(payload.recordedAt)) / 1000));
  }

  /** What a release before this one has recorded: one event for each line. */
  @Consumes(PROJECT_HISTORY, PostingRecordedV1)
  async onLine({ payload }: Received<PostingRecordedV1>): Promise<void> {
    await this.history.add([lineOf(payload, payload)]);
  }
}

type Transaction = Omit<PostingRecordedV2, 'entries'>;
type Line = PostingRecordedV2['entries'][number];

function lineOf({ userId, transactionId, kind, recordedAt, legs, meta }: Transaction, line: Line): HistoryEntry {
  const { accountId, currency, seq, deltaMinor, balanceAfterMinor, hash, previousHash } = line;
  return {
    _id: `${accountId}:${seq}`,
    userId,
    accountId,
    seq,
    transactionId,
    kind,
    currency,
    deltaMinor: BigInt(deltaMinor),
    balanceAfterMinor: BigInt(balanceAfterMinor),
    hash,
    previousHash,
    recordedAt: new Date(recordedAt),
    legs: legs.map(({ leg, debit, credit, currency: of, amountMinor }) => ({
      leg,
      debit,
      credit,
      currency: of,
      amountMinor,
    })),
    meta: meta ?? {},
  };
}
