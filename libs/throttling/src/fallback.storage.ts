import { once } from 'node:events';
import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { type ThrottlerStorage, ThrottlerStorageService } from '@nestjs/throttler';
import { Redis } from 'ioredis';

type Counted = Awaited<ReturnType<ThrottlerStorage['increment']>>;

const COMMAND_TIMEOUT_MS = 100;
const CONNECT_TIMEOUT_MS = 1_000;
/** How long Redis is left alone after a failure, so that a frozen Redis does not cost every request its timeout. */
const BREAK_MS = 1_000;
/** Without the shared counter each replica counts alone, so each must allow less. */
const STRICTER = 2;

/** Counts in Redis; while Redis is down or slow, counts in this process with half the limit. */
@Injectable()
export class FallbackThrottlerStorage implements ThrottlerStorage, OnApplicationShutdown {
  private readonly logger = new Logger(FallbackThrottlerStorage.name);
  private readonly redis: Redis;
  private readonly shared: ThrottlerStorageRedisService;
  private readonly local = new ThrottlerStorageService();
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
    if (Date.now() >= this.brokenUntil) {
      try {
        return await this.shared.increment(key, ttl, limit, blockDuration, name);
      } catch (error) {
        this.brokenUntil = Date.now() + BREAK_MS;
        this.logger.warn(`Redis cannot count requests, counting in this process: ${(error as Error).message}`);
      }
    }
    const stricter = Math.max(1, Math.floor(limit / STRICTER));
    return this.local.increment(key, ttl, stricter, blockDuration, name);
  }

  onApplicationShutdown(): void {
    this.local.onApplicationShutdown();
    this.redis.disconnect();
  }
}
