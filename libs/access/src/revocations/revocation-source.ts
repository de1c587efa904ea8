import { Redis } from 'ioredis';
import { decodeRevocation, type Revocation, REVOCATIONS_MARK_REDIS_KEY, REVOCATIONS_REDIS_KEY } from './revocation.js';

/** Where revocations come from. */
export abstract class RevocationSource {
  /** Those that are new since the last call, or more; all of them at the first call. Throws when they cannot be known. */
  abstract read(): Promise<Revocation[]>;

  /** Gives back what the source holds open. */
  close(): void {}
}

/** The two places a service reads the list from. */
export interface RemoteRevocationOptions {
  redisUrl: string;
  /** auth's own list, read while Redis is down or empty. */
  url: string;
}

/** A revocation may become visible this much after its time: it was written by a transaction that took long. */
const OVERLAP_MS = 60_000;
const TIMEOUT_MS = 500;
const HTTP_TIMEOUT_MS = 1_500;
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;

/** Reads the list that auth keeps in Redis; while that is gone or Redis is down, auth's own. */
export class RemoteRevocationSource extends RevocationSource {
  private readonly redis: Redis;
  private mark: string | null = null;
  private newest = 0;

  constructor(private readonly options: RemoteRevocationOptions) {
    super();
    this.redis = new Redis(options.redisUrl, {
      commandTimeout: TIMEOUT_MS,
      connectTimeout: 1_000,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: true,
      retryStrategy: (attempt) => Math.min(100 * attempt, 1_000),
    });
    // The reader learns of every failure by its own call.
    this.redis.on('error', () => undefined);
  }

  async read(): Promise<Revocation[]> {
    return (await this.readRedis().catch(() => undefined)) ?? this.readAuth();
  }

  override close(): void {
    this.redis.disconnect();
  }

  /** undefined: the list is not there. */
  private async readRedis(): Promise<Revocation[] | undefined> {
    const [mark, recent] = await Promise.all([
      this.redis.get(REVOCATIONS_MARK_REDIS_KEY),
      this.redis.zrangebyscore(REVOCATIONS_REDIS_KEY, this.newest - OVERLAP_MS, '+inf'),
    ]);
    if (!mark) return undefined;
    const texts = mark === this.mark ? recent : await this.redis.zrange(REVOCATIONS_REDIS_KEY, 0, -1);
    this.mark = mark;
    return this.seen(texts.map(decodeRevocation));
  }

  private async readAuth(): Promise<Revocation[]> {
    const response = await fetch(this.options.url, { signal: AbortSignal.timeout(HTTP_TIMEOUT_MS), redirect: 'error' });
    if (!response.ok) throw new Error(`${this.options.url} answered ${response.status}`);
    const text = await response.text();
    if (text.length > MAX_DOCUMENT_BYTES) throw new Error(`${this.options.url} answered with too large a document`);
    const { revocations } = JSON.parse(text) as { revocations: Revocation[] };
    return revocations;
  }

  private seen(revocations: Revocation[]): Revocation[] {
    this.newest = revocations.reduce((newest, { at }) => Math.max(newest, at), this.newest);
    return revocations;
  }
}
