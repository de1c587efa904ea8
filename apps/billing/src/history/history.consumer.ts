import { Controller } from '@nestjs/common';
import { PostingRecordedV1 } from '#libs/contracts';
import { Consumes, type Received } from '#libs/messaging';
import { Gauge } from '#libs/telemetry';
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

  @Consumes(PROJECT_HISTORY, PostingRecordedV1)
  async onPosting({ payload }: Received<PostingRecordedV1>): Promise<void> {
    const { accountId, seq, deltaMinor, balanceAfterMinor, recordedAt, meta, ...rest } = payload;
    await this.history.add({
      _id: `${accountId}:${seq}`,
      accountId,
      seq,
      deltaMinor: BigInt(deltaMinor),
      balanceAfterMinor: BigInt(balanceAfterMinor),
      recordedAt: new Date(recordedAt),
      meta: meta ?? {},
      userId: rest.userId,
      transactionId: rest.transactionId,
      kind: rest.kind,
      currency: rest.currency,
      hash: rest.hash,
      previousHash: rest.previousHash,
      legs: rest.legs.map(({ leg, debit, credit, currency, amountMinor }) => ({
        leg,
        debit,
        credit,
        currency,
        amountMinor,
      })),
    });
    lag.set(Math.max(0, (Date.now() - Date.parse(recordedAt)) / 1000));
  }
}
