import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { Preferences } from './preferences.schema.js';

/** What a change sets. */
type Wishes = Pick<Preferences, 'refused' | 'quietHours'> & { marketingPerDay: number };

/** Changes of a user that are kept. */
const LOG_LENGTH = 200;

/** The only place that reads and writes preferences. */
@Injectable()
export class PreferencesRepository {
  constructor(@InjectModel(Preferences.name) private readonly preferences: Model<Preferences>) {}

  async find(userId: string): Promise<Preferences | undefined> {
    return (await this.preferences.findById(userId).lean()) ?? undefined;
  }

  /** By user; users without wishes are missing in the map. */
  async findMany(userIds: readonly string[]): Promise<Map<string, Preferences>> {
    const found = await this.preferences.find({ _id: { $in: userIds } }).lean();
    return new Map(found.map((preferences) => [preferences._id, preferences]));
  }

  async replace(userId: string, wishes: Wishes): Promise<void> {
    await this.write(userId, { $set: wishes }, 'settings', wishes.refused);
  }

  /** Adds to what the user refuses; repeating it changes nothing. */
  async refuse(userId: string, refused: Preferences['refused']): Promise<void> {
    const known = await this.find(userId);
    if (refused.every((pair) => known?.refused.includes(pair))) return;
    await this.write(userId, { $addToSet: { refused: { $each: refused } } }, 'unsubscribe_link', refused);
  }

  async deleteOf(userId: string): Promise<void> {
    await this.preferences.deleteOne({ _id: userId });
  }

  private async write(
    userId: string,
    update: object,
    source: 'settings' | 'unsubscribe_link',
    refused: string[],
  ): Promise<void> {
    const entry = { at: new Date(), source, refused };
    const log = { $each: [entry], $slice: -LOG_LENGTH };
    await this.preferences.updateOne({ _id: userId }, { ...update, $push: { log } }, { upsert: true });
  }
}
