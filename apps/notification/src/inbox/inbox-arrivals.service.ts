import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Redis } from 'ioredis';
import { NotificationConfig } from '../notification.config.js';

const TIMEOUT_MS = 500;

/** Tells every replica whose inbox has got something. A word may be lost with Redis: whoever listens also looks by itself. */
@Injectable()
export class InboxArrivals implements OnModuleDestroy {
  private readonly logger = new Logger(InboxArrivals.name);
  private readonly channel: string;
  private readonly publisher: Redis;
  private subscriber: Redis | undefined;

  constructor(private readonly config: NotificationConfig) {
    this.channel = `${config.MESSAGING_NAMESPACE}notification:arrivals`;
    this.publisher = this.connect({ commandTimeout: TIMEOUT_MS, enableOfflineQueue: false });
  }

  onModuleDestroy(): void {
    this.publisher.disconnect();
    this.subscriber?.disconnect();
  }

  /** Says whose inbox to look into; never waits and never fails. */
  announce(userIds: readonly string[]): void {
    this.publisher.publish(this.channel, userIds.join(' ')).catch(() => undefined);
  }

  /** Calls back with the users whose inboxes have got something, on any replica. */
  listen(heard: (userIds: string[]) => void): void {
    this.subscriber = this.connect({});
    this.subscriber.on('message', (_channel, text: string) => heard(text.split(' ')));
    this.subscriber.subscribe(this.channel).catch((error: unknown) => this.logger.debug(error));
  }

  private connect(options: { commandTimeout?: number; enableOfflineQueue?: boolean }): Redis {
    const redis = new Redis(this.config.REDIS_URL, {
      ...options,
      connectTimeout: 1_000,
      retryStrategy: (attempt) => Math.min(100 * attempt, 2_000),
    });
    // Nothing depends on it; readiness tells of a Redis that is away.
    redis.on('error', () => undefined);
    return redis;
  }
}
