import { once } from 'node:events';
import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';

type Counted = Awaited<ReturnType<ThrottlerStorage['increment']>>;

const COMMAND_TIMEOUT_MS = 100;
const CONNECT_TIMEOUT_MS = 1_000;
/** How long Redis is left alone after a failure, so that a frozen Redis does not cost every request its timeout. */
const BREAK_MS = 1_000;
/** Without the shared counter each replica counts alone, so each must allow less. */
const STRICTER = 2;
/** How many callers this process remembers, the latest ones: about 20 MB at most. */
const REMEMBERED = 100_000;

/** What one caller was let through in the time that `endsAt` ends (milliseconds since 1970), by this process. */
interface Admitted {
  hits: number;
  endsAt: number;
}

/**
 * Counts in Redis; while Redis is down or slow, counts in this process with half the limit. What Redis let
 * through counts here too, so a Redis that comes and goes opens nothing: what one process lets through stays within the limit.
 */
@Injectable()
export class FallbackThrottlerStorage implements ThrottlerStorage, OnApplicationShutdown {
  private readonly logger = new Logger(FallbackThrottlerStorage.name);
  private readonly redis: Redis;
  private readonly shared: ThrottlerStorageRedisService;
  private readonly admitted = new LRUCache<string, Admitted>({ max: REMEMBERED });
  private brokenUntil = 0;

  constructor(redisUrl: string, keyPrefix: string, timeoutMs = COMMAND_TIMEOUT_MS) {
    this.redis = new Redis(redisUrl, {
      keyPrefix,
      commandTimeout: timeoutMs,
      connectTimeout: CONNECT_TIMEOUT_MS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(100 * attempt, 1_000),
    });
    this.redis.on('error', (error: Error) => this.logger.debug(`Redis: ${error.message}`));
    this.shared = new ThrottlerStorageRedisService(this.redis);
  }

  /** Waits a moment for Redis, so that the first requests are already counted together; starts without it after a second. */
  async connect(): Promise<void> {
    if (this.redis.status === 'ready') return;
    await once(this.redis, 'ready', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) }).catch(() => undefined);
  }

  async increment(key: string, ttl: number, limit: number, blockDuration: number, name: string): Promise<Counted> {
    const admitted = this.admittedOf(key, ttl);
    const place = ++admitted.hits;
    const shared = await this.inRedis(key, ttl, limit, blockDuration, name);
    // Redis rounds up to whole seconds; this count ends before Redis's does, so that nobody is refused beyond it.
    if (shared) admitted.endsAt = Date.now() + (shared.timeToExpire - 1) * 1_000;
    const own = ownAnswer(place, shared ? limit : Math.max(1, Math.floor(limit / STRICTER)), admitted.endsAt);
    const answer = shared && (shared.isBlocked || !own.isBlocked) ? shared : own;
    if (answer.isBlocked) admitted.hits -= 1;
    return answer;
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }

  /** Undefined while Redis cannot count. */
  private async inRedis(...request: Parameters<ThrottlerStorage['increment']>): Promise<Counted | undefined> {
    if (Date.now() < this.brokenUntil) return undefined;
    try {
      return await this.shared.increment(...request);
    } catch (error) {
      this.brokenUntil = Date.now() + BREAK_MS;
      this.logger.warn(`Redis cannot count requests, counting in this process: ${(error as Error).message}`);
      return undefined;
    }
  }

  private admittedOf(key: string, ttl: number): Admitted {
    const known = this.admitted.get(key);
    if (known && known.endsAt > Date.now()) return known;
    const fresh = { hits: 0, endsAt: Date.now() + ttl };
    this.admitted.set(key, fresh);
    return fresh;
  }
}

function ownAnswer(place: number, limit: number, endsAt: number): Counted {
  const seconds = Math.max(1, Math.ceil((endsAt - Date.now()) / 1_000));
  const isBlocked = place > limit;
  return { totalHits: place, timeToExpire: seconds, isBlocked, timeToBlockExpire: isBlocked ? seconds : 0 };
}
