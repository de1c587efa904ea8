import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Redis } from 'ioredis';
import {
  encodeRevocation,
  type Revocation,
  REVOCATION_LIFE_MS,
  REVOCATIONS_MARK_REDIS_KEY,
  REVOCATIONS_REDIS_KEY,
} from '#libs/access';
import { AuthConfig } from '../auth.config.js';
import { RevocationsRepository } from './revocations.repository.js';

const TICK_MS = 250;
const OVERLAP_MS = 60_000;
const TIDY_EVERY_TICKS = 240;

/** Copies the revocations to Redis, where the other services read them. Every replica does; the copies are the same. */
@Injectable()
export class RevocationFeed implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(RevocationFeed.name);
  private readonly redis: Redis;
  /** After a failure nobody knows what Redis has: everything is copied again, under a new mark. */
  private doubtful = true;
  private copied = new Set<string>();
  private ticks = 0;
  private stopped = false;
  private wakeUp: (() => void) | undefined;
  private woken = false;
  private running: Promise<void> | undefined;

  constructor(
    config: AuthConfig,
    private readonly repository: RevocationsRepository,
  ) {
    this.redis = new Redis(config.REDIS_URL, {
      commandTimeout: 1_000,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(100 * attempt, 1_000),
    });
    this.redis.on('error', (error: Error) => this.logger.debug(`Redis: ${error.message}`));
  }

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.running;
    this.redis.disconnect();
  }

  /** Says that something was revoked: it is copied at once instead of at the next tick. */
  wake(): void {
    this.woken = true;
    this.wakeUp?.();
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      this.woken = false;
      await this.copy().catch((error: Error) => {
        if (!this.doubtful) this.logger.warn(`Revocations are not copied to Redis: ${error.message}`);
        this.doubtful = true;
      });
      if (!this.stopped && !this.woken) await this.rest();
    }
  }

  private async copy(): Promise<void> {
    const mark = await this.redis.get(REVOCATIONS_MARK_REDIS_KEY);
    if (!mark || this.doubtful) return this.fill();
    const recent = await this.repository.ofLast(OVERLAP_MS);
    await this.add(recent.filter((revocation) => !this.copied.has(encodeRevocation(revocation))));
    this.copied = new Set(recent.map(encodeRevocation));
    if (++this.ticks % TIDY_EVERY_TICKS === 0) await this.tidy();
  }

  /** Copies everything and sets a new mark, in one step: readers who see it start over, and a wipe leaves no mark without a list. */
  private async fill(): Promise<void> {
    const all = await this.repository.ofLast(REVOCATION_LIFE_MS);
    const step = this.redis.multi();
    if (all.length > 0) step.zadd(REVOCATIONS_REDIS_KEY, ...scored(all));
    const answers = await step.set(REVOCATIONS_MARK_REDIS_KEY, randomUUID()).exec();
    for (const [error] of answers ?? []) if (error) throw error;
    this.doubtful = false;
  }

  private async add(revocations: readonly Revocation[]): Promise<void> {
    if (revocations.length > 0) await this.redis.zadd(REVOCATIONS_REDIS_KEY, ...scored(revocations));
  }

  private async tidy(): Promise<void> {
    await this.redis.zremrangebyscore(REVOCATIONS_REDIS_KEY, '-inf', Date.now() - REVOCATION_LIFE_MS);
    await this.repository.deleteOlderThan(2 * REVOCATION_LIFE_MS);
  }

  private rest(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wakeUp?.(), TICK_MS);
      this.wakeUp = () => {
        clearTimeout(timer);
        this.wakeUp = undefined;
        resolve();
      };
    });
  }
}

/** Members of the sorted set, each after its score. */
function scored(revocations: readonly Revocation[]): (string | number)[] {
  return revocations.flatMap((each) => [each.at, encodeRevocation(each)]);
}
