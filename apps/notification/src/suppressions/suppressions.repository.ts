import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { Suppression } from './suppression.schema.js';

/** The only place that reads and writes the suppression list. */
@Injectable()
export class SuppressionsRepository {
  constructor(@InjectModel(Suppression.name) private readonly suppressions: Model<Suppression>) {}

  /** The first reason stays. */
  async add(address: string, reason: string, response: string): Promise<void> {
    await this.suppressions.updateOne(
      { _id: hashOf(address) },
      { $setOnInsert: { address, reason, response, createdAt: new Date() } },
      { upsert: true },
    );
  }

  /** Which of the addresses are on the list. */
  async among(addresses: readonly string[]): Promise<Set<string>> {
    const byHash = new Map(addresses.map((address) => [hashOf(address), address]));
    const found = await this.suppressions.find({ _id: { $in: [...byHash.keys()] } }, { _id: 1 }).lean();
    return new Set(found.map(({ _id }) => byHash.get(_id)!));
  }

  /** Newest first. */
  page(limit: number, before?: { createdAt: Date; _id: string }): Promise<Suppression[]> {
    const older = before && {
      $or: [{ createdAt: { $lt: before.createdAt } }, { createdAt: before.createdAt, _id: { $lt: before._id } }],
    };
    return this.suppressions
      .find(older ?? {})
      .sort({ createdAt: -1, _id: -1 })
      .limit(limit)
      .lean();
  }

  async find(id: string): Promise<Suppression | undefined> {
    return (await this.suppressions.findById(id).lean()) ?? undefined;
  }

  /** False when it was not on the list. */
  async remove(id: string): Promise<boolean> {
    return (await this.suppressions.deleteOne({ _id: id })).deletedCount === 1;
  }

  /** The entry stays, the address goes. */
  async forget(address: string): Promise<void> {
    await this.suppressions.updateOne({ _id: hashOf(address) }, { $unset: { address: '', response: '' } });
  }
}

function hashOf(address: string): string {
  return createHash('sha256').update(address.trim().toLowerCase()).digest('hex');
}
