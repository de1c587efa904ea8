import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { HydratedDocument } from 'mongoose';

/** One leg of a transaction as the ledger wrote it. */
export interface HistoryLeg {
  leg: string;
  debit: string;
  credit: string;
  currency: string;
  amountMinor: string;
}

/** One line of a user's account. */
@Schema({ collection: 'history', versionKey: false, strict: true })
export class HistoryEntry {
  /** `accountId:seq`, so that writing it twice is writing it once. */
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String, required: true })
  userId!: string;

  @Prop({ type: String, required: true })
  accountId!: string;

  @Prop({ type: Number, required: true })
  seq!: number;

  @Prop({ type: String, required: true })
  transactionId!: string;

  @Prop({ type: String, required: true })
  kind!: string;

  @Prop({ type: String, required: true })
  currency!: string;

  /** 64-bit integers, never doubles. */
  @Prop({ type: BigInt, required: true })
  deltaMinor!: bigint;

  @Prop({ type: BigInt, required: true })
  balanceAfterMinor!: bigint;

  @Prop({ type: String, required: true })
  hash!: string;

  @Prop({ type: String, required: true })
  previousHash!: string;

  @Prop({ type: Date, required: true })
  recordedAt!: Date;

  @Prop({ type: [Object], required: true })
  legs!: HistoryLeg[];

  @Prop({ type: Object, required: true })
  meta!: Record<string, string>;
}

export const HistoryEntrySchema = SchemaFactory.createForClass(HistoryEntry);
// The order of the list and of its cursor; a filter by account or time uses a prefix of one of these.
HistoryEntrySchema.index({ userId: 1, recordedAt: -1, accountId: -1, seq: -1 });
HistoryEntrySchema.index({ userId: 1, transactionId: 1 });
HistoryEntrySchema.index({ accountId: 1, seq: 1 });

export type HistoryEntryDocument = HydratedDocument<HistoryEntry>;
