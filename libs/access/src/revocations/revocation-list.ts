import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { RevocationsUnavailableError } from '../access.errors.js';
import { type Revocation, REVOCATION_LIFE_MS } from './revocation.js';
import { RevocationSource } from './revocation-source.js';

/** What of a token decides whether it was revoked. */
export interface Revocable {
  userKey: string;
  sessionKey: string;
  epoch: number;
}

/** Twice a second: a revocation is felt everywhere within a second. */
const POLL_MS = 500;

/** How old the list may be where money or other people's data is at stake. */
const CURRENT_MS = 60_000;

/**
 * The revocations of the last hour, in memory: checking one costs two look-ups. Kept up to date by asking the source twice a
 * second; what is known stays known while the source is away.
 */
@Injectable()
export class RevocationList implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(RevocationList.name);
  private readonly known = new Map<string, Revocation>();
  /** When the source last answered, on the monotonic clock; never yet at first. */
  private readAtMs = -Infinity;
  private failing = false;
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;
  private updating: Promise<void> | undefined;

  constructor(private readonly source: RevocationSource) {}

  async onModuleInit(): Promise<void> {
    await this.update();
    this.schedule();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.updating;
    this.source.close();
  }

  /** Whether a token is void. Throws RevocationsUnavailableError as long as the list was never read. */
  isRevoked(token: Revocable): boolean {
    if (this.readAtMs === -Infinity) throw new RevocationsUnavailableError();
    if (this.known.has(token.sessionKey)) return true;
    const ofUser = this.known.get(token.userKey);
    return ofUser?.epoch != null && token.epoch < ofUser.epoch;
  }

  /** Throws RevocationsUnavailableError once the source has not answered for a minute: somebody may have been blocked meanwhile. */
  assertCurrent(): void {
    if (performance.now() - this.readAtMs > CURRENT_MS) throw new RevocationsUnavailableError();
  }

  /** Asks the source now; calls at the same time share one answer. Never throws. */
  async update(): Promise<void> {
    this.updating ??= this.readSource().finally(() => (this.updating = undefined));
    return this.updating;
  }

  /** Takes revocations over. An older word about a user does not replace a newer one. */
  apply(revocations: readonly Revocation[]): void {
    for (const revocation of revocations) {
      const present = this.known.get(revocation.key);
      if (present && (present.epoch ?? 0) >= (revocation.epoch ?? 0)) continue;
      this.known.set(revocation.key, revocation);
    }
  }

  private async readSource(): Promise<void> {
    try {
      this.apply(await this.source.read());
      this.readAtMs = performance.now();
      if (this.failing) this.logger.log('Revocations are known again');
      this.failing = false;
      this.forgetOld();
    } catch (error) {
      if (!this.failing) this.logger.warn(`Revocations cannot be read: ${(error as Error).message}`);
      this.failing = true;
    }
  }

  private forgetOld(): void {
    const oldest = Date.now() - REVOCATION_LIFE_MS;
    for (const [key, { at }] of this.known) if (at < oldest) this.known.delete(key);
  }

  private schedule(): void {
    this.timer = setTimeout(() => void this.update().finally(() => !this.stopped && this.schedule()), POLL_MS);
    this.timer.unref();
  }
}
