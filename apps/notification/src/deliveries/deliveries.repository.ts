import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { AnyBulkWriteOperation, Model, QueryFilter } from 'mongoose';
import { ignoringDuplicates, unorderedWrite } from '#libs/database';
import { type DeliveryState, BATCH_LEASE_MS, LEASE_MS, type Outcome, pauseAfter } from './delivery.js';
import { Delivery } from './delivery.schema.js';

/** How many deliveries are in each state. */
export type StateCounts = Record<DeliveryState, number>;

/** What came of one delivery. */
export interface Recorded<T extends Outcome = Outcome> {
  delivery: Delivery;
  outcome: T;
}

/** One message to a user, and the newest of its deliveries. */
export interface SaidTo {
  messageKey: string;
  lastId: string;
}

type Sent = Extract<Outcome, { state: 'sent' }>;

/** The only place that reads and writes deliveries. */
@Injectable()
export class DeliveriesRepository {
  constructor(@InjectModel(Delivery.name) private readonly deliveries: Model<Delivery>) {}

  /** Adds deliveries; those that are there already stay as they are. */
  async insert(deliveries: Delivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    await ignoringDuplicates(() => this.deliveries.collection.insertMany(deliveries as never, unorderedWrite()));
  }

  /** Takes one delivery for a minute; undefined when it is final, not due, or somebody else's. */
  async take(id: string, now: Date = new Date()): Promise<Delivery | undefined> {
    const taken = await this.deliveries
      .findOneAndUpdate(
        { _id: id, ...due(now) },
        { $set: { nextAttemptAt: leaseFrom(now, LEASE_MS) }, $inc: { attempts: 1 } },
        { returnDocument: 'after' },
      )
      .lean();
    return taken ?? undefined;
  }

  /** Takes up to `limit` due deliveries of a campaign for a while. */
  async takeOfCampaign(
    campaignId: string,
    limit: number,
    now: Date = new Date(),
  ): Promise<{ claim: string; taken: Delivery[] }> {
    const claim = randomUUID();
    const candidates = await this.deliveries
      .find({ campaignId, ...due(now) }, { _id: 1 })
      .sort({ nextAttemptAt: 1 })
      .limit(limit)
      .lean();
    const ids = candidates.map(({ _id }) => _id);
    if (ids.length === 0) return { claim, taken: [] };
    await this.deliveries.updateMany(
      { _id: { $in: ids }, ...due(now) },
      { $set: { claim, nextAttemptAt: leaseFrom(now, BATCH_LEASE_MS) }, $inc: { attempts: 1 } },
    );
    return { claim, taken: await this.deliveries.find({ _id: { $in: ids }, claim }).lean() };
  }

  /** Holds on to what is left of a batch. */
  async renew(claim: string, ids: readonly string[]): Promise<void> {
    await this.deliveries.updateMany(
      { _id: { $in: ids }, claim, state: 'pending' },
      { $set: { nextAttemptAt: leaseFrom(new Date(), BATCH_LEASE_MS) } },
    );
  }

  /** Makes what was taken but not tried due again at once. */
  async giveBack(claim: string, ids: readonly string[]): Promise<void> {
    await this.deliveries.updateMany(
      { _id: { $in: ids }, claim, state: 'pending', reason: { $exists: false } },
      { $set: { nextAttemptAt: new Date() }, $inc: { attempts: -1 }, $unset: { claim: '' } },
    );
  }

  /** Writes down what came of tries; a final state is never changed. */
  async record(outcomes: Recorded[]): Promise<void> {
    const sent = outcomes.filter(isSent);
    const others = outcomes.filter((one) => !isSent(one));
    await Promise.all([this.recordSent(sent, new Date()), this.recordOthers(others, new Date())]);
  }

  /** One command for all, whatever the servers answered: it costs the database a quarter of one update each. */
  private async recordSent(sent: Recorded<Sent>[], now: Date): Promise<void> {
    if (sent.length === 0) return;
    const responses = Object.fromEntries(sent.map(({ delivery, outcome }) => [delivery._id, outcome.response]));
    const response = { $getField: { field: '$_id', input: { $literal: responses } } };
    await this.deliveries.collection.updateMany({ _id: { $in: Object.keys(responses) as never[] }, state: 'pending' }, [
      { $set: { state: 'sent', response, finishedAt: now } },
      // A secret link has done its work; nothing needs it any more.
      { $unset: ['facts.link', 'claim'] },
    ] as never);
  }

  private async recordOthers(outcomes: Recorded[], now: Date): Promise<void> {
    if (outcomes.length === 0) return;
    const writes = outcomes.map(({ delivery, outcome }): AnyBulkWriteOperation<Delivery> => ({
      updateOne: {
        // Of this try only: written twice it counts once, and whoever has taken the delivery since keeps it.
        filter: { _id: delivery._id, state: 'pending', attempts: delivery.attempts },
        update: updateFor(delivery, outcome, now),
      },
    }));
    await this.deliveries.bulkWrite(writes, unorderedWrite());
  }

  /** Due ones among those that match, longest waiting first. */
  async dueSince(
    filter: QueryFilter<Delivery>,
    before: Date,
    limit: number,
  ): Promise<Pick<Delivery, '_id' | 'attempts'>[]> {
    return this.deliveries
      .find({ $and: [filter, due(before)] }, { _id: 1, attempts: 1 })
      .sort({ nextAttemptAt: 1 })
      .limit(limit)
      .lean();
  }

  async countStates(campaignId: string): Promise<StateCounts> {
    const counts: StateCounts = { pending: 0, sent: 0, skipped: 0, failed: 0 };
    const groups = await this.deliveries.aggregate<{ _id: DeliveryState; count: number }>([
      { $match: { campaignId } },
      { $group: { _id: '$state', count: { $sum: 1 } } },
    ]);
    for (const { _id, count } of groups) counts[_id] = count;
    return counts;
  }

  /** Per user: mails of a class since then that are older than the given deliveries and went out or will. */
  async countMailsBefore(
    userIds: string[],
    kind: Delivery['class'],
    since: Date,
    before: Delivery[],
  ): Promise<Map<string, number>> {
    const counts = await this.deliveries.aggregate<{ _id: string; count: number }>([
      {
        $match: {
          userId: { $in: userIds },
          class: kind,
          channel: 'email',
          state: { $in: ['pending', 'sent'] },
          createdAt: { $gte: since },
          _id: { $lt: before.map(({ _id }) => _id).reduce((a, b) => (a < b ? a : b)) },
        },
      },
      { $group: { _id: '$userId', count: { $sum: 1 } } },
    ]);
    return new Map(counts.map(({ _id, count }) => [_id, count]));
  }

  /** Deliveries in the order they were written, after that one. */
  pageOf(filter: QueryFilter<Delivery>, afterId: string, limit: number): Promise<Delivery[]> {
    return this.deliveries
      .find({ $and: [filter, { _id: { $gt: afterId } }] })
      .sort({ _id: 1 })
      .limit(limit)
      .lean();
  }

  /** Newest first, older than that one. */
  newestOf(filter: QueryFilter<Delivery>, beforeId: string | undefined, limit: number): Promise<Delivery[]> {
    return this.deliveries
      .find({ $and: [filter, beforeId === undefined ? {} : { _id: { $lt: beforeId } }] })
      .sort({ _id: -1 })
      .limit(limit)
      .lean();
  }

  /** What was said to a user, each message once, newest first, older than that delivery. */
  async messagesOf(userId: string, beforeId: string | undefined, limit: number): Promise<SaidTo[]> {
    const groups = await this.deliveries.aggregate<{ _id: string; lastId: string }>([
      { $match: { userId } },
      { $group: { _id: '$messageKey', lastId: { $max: '$_id' } } },
      { $match: beforeId === undefined ? {} : { lastId: { $lt: beforeId } } },
      { $sort: { lastId: -1 } },
      { $limit: limit },
    ]);
    return groups.map(({ _id, lastId }) => ({ messageKey: _id, lastId }));
  }

  /** The deliveries of a user's messages, newest first. */
  ofMessages(userId: string, messageKeys: readonly string[]): Promise<Delivery[]> {
    return this.deliveries
      .find({ userId, messageKey: { $in: messageKeys } })
      .sort({ _id: -1 })
      .lean();
  }

  /** Gives failed deliveries their tries back; returns how many. */
  async reviveFailed(filter: QueryFilter<Delivery>): Promise<number> {
    const { modifiedCount } = await this.deliveries.updateMany(
      { $and: [filter, { state: 'failed' }] },
      { $set: { state: 'pending', attempts: 0, nextAttemptAt: new Date() }, $unset: { finishedAt: '' } },
    );
    return modifiedCount;
  }

  /** Gives up those that match and have been due since then; returns how many. */
  async failDue(filter: QueryFilter<Delivery>, since: Date, reason: string): Promise<number> {
    const { modifiedCount } = await this.deliveries.updateMany(
      { $and: [filter, due(since)] },
      { $set: { state: 'failed', reason, finishedAt: new Date() }, $unset: { claim: '' } },
    );
    return modifiedCount;
  }

  /** Gives up what nobody is sending just now. */
  async cancelDue(campaignId: string, now: Date = new Date()): Promise<void> {
    await this.deliveries.updateMany(
      // What waits for later has no lease, what is being sent has one.
      { campaignId, state: 'pending', $or: [{ claim: { $exists: false } }, { nextAttemptAt: { $lte: now } }] },
      { $set: { state: 'skipped', reason: 'cancelled', finishedAt: now } },
    );
  }

  /** Stops what is under way to a user and removes what it says. */
  async eraseOf(userId: string): Promise<void> {
    const gone = { $unset: { facts: '', to: '', response: '' } };
    await this.deliveries.updateMany(
      { userId, state: 'pending' },
      { ...gone, $set: { state: 'skipped', reason: 'erased', finishedAt: new Date() } },
    );
    await this.deliveries.updateMany({ userId, state: { $ne: 'pending' } }, gone);
  }
}

function isSent(one: Recorded): one is Recorded<Sent> {
  return one.outcome.state === 'sent';
}

function due(now: Date): QueryFilter<Delivery> {
  return { state: 'pending', nextAttemptAt: { $lte: now } };
}

function leaseFrom(now: Date, leaseMs: number): Date {
  return new Date(now.getTime() + leaseMs);
}

function updateFor(delivery: Delivery, outcome: Outcome, now: Date): Record<string, Record<string, unknown>> {
  if (outcome.state !== 'pending') {
    // A secret link has done its work; nothing needs it any more.
    return { $set: { ...outcome, finishedAt: now }, $unset: { 'facts.link': '', claim: '' } };
  }
  if ('until' in outcome) {
    const { reason, until } = outcome;
    return { $set: { reason, nextAttemptAt: until }, $inc: { attempts: -1 }, $unset: { claim: '' } };
  }
  const pauseMs = pauseAfter(delivery.attempts);
  const { reason, response } = outcome;
  return pauseMs === undefined
    ? { $set: { state: 'failed', reason, response, finishedAt: now }, $unset: { claim: '', 'facts.link': '' } }
    : { $set: { reason, response, nextAttemptAt: new Date(now.getTime() + pauseMs) }, $unset: { claim: '' } };
}
