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
/** How long the list in Redis is believed after it was last brought up to date: then its readers ask auth itself. */
const MARK_LIFE_MS = 1_000;

/** Copies the revocations to Redis, where the other services read them. Every replica does; the copies are the same. */
@Injectable()
export class RevocationFeed implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(RevocationFeed.name);
  private readonly redis: Redis;
  /** After a failure nobody knows what Redis has: everything is copied again, under a new mark. */
  private doubtful = true;
  /** Redis has not taken what it was last given: its list grows old, and must not be kept alive. */
  private refused = false;
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
    const whole = !mark || this.doubtful;
    const revocations = await this.read(whole ? REVOCATION_LIFE_MS : OVERLAP_MS);
    this.refused = true;
    await (whole ? this.fill(revocations) : this.add(revocations));
    this.refused = false;
    if (++this.ticks % TIDY_EVERY_TICKS === 0) await this.tidy();
  }

  /** While the table cannot be read nothing can be revoked either, so the list in Redis stays good. */
  private async read(ms: number): Promise<Revocation[]> {
    try {
      return await this.repository.ofLast(ms);
    } catch (error) {
      if (!this.refused) await this.redis.pexpire(REVOCATIONS_MARK_REDIS_KEY, MARK_LIFE_MS);
      throw error;
    }
  }

  /** Copies everything and sets a new mark, in one step: readers who see it start over, and a wipe leaves no mark without a list. */
  private async fill(all: readonly Revocation[]): Promise<void> {
    const step = this.redis.multi();
    if (all.length > 0) step.zadd(REVOCATIONS_REDIS_KEY, ...scored(all));
    const answers = await step.set(REVOCATIONS_MARK_REDIS_KEY, randomUUID(), 'PX', MARK_LIFE_MS).exec();
    for (const [error] of answers ?? []) if (error) throw error;
    this.doubtful = false;
  }

  /** Copies what is new. Only then the mark lives on: a list that Redis lets be read but not written must not pass for complete. */
  private async add(recent: readonly Revocation[]): Promise<void> {
    const added = recent.filter((revocation) => !this.copied.has(encodeRevocation(revocation)));
    if (added.length > 0) await this.redis.zadd(REVOCATIONS_REDIS_KEY, ...scored(added));
    await this.redis.pexpire(REVOCATIONS_MARK_REDIS_KEY, MARK_LIFE_MS);
    this.copied = new Set(recent.map(encodeRevocation));
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
