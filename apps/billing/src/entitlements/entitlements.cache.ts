import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../clock/clock.js';
import { EntitlementsRepository, type EntitlementState } from './entitlements.repository.js';

/** How often other processes' changes are looked for. */
const LOOK_MS = 500;

/** Nothing kept is used longer than this after the last look that worked: a change is seen everywhere within a second and a half. */
const TRUST_MS = 1_000;

/** A change is looked for this long, so that one committed late is seen too: longer than a transaction may last. */
const LOOK_BACK_SECONDS = 20;

const MAX_USERS = 50_000;

/** The entitlements read lately, kept until they change. */
@Injectable()
export class EntitlementsCache implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(EntitlementsCache.name);
  private readonly states = new LRUCache<string, EntitlementState>({ max: MAX_USERS });
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  /** The database's time at a moment of this process's own clock, which never jumps. */
  private base: { time: number; at: number } | undefined;

  constructor(
    private readonly repository: EntitlementsRepository,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.looking ??= this.look().finally(() => (this.looking = undefined));
    }, LOOK_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** The user's entitlements, if they are known to be right at this moment. */
  find(userId: string): EntitlementState | undefined {
    const now = this.now();
    const state = now && this.states.get(userId);
    return state && (!state.nextChangeAt || state.nextChangeAt > now) ? state : undefined;
  }

  keep(userId: string, state: EntitlementState): void {
    this.states.set(userId, state);
  }

  forget(userId: string): void {
    this.states.delete(userId);
  }

  /** The database's time without asking it; undefined while it was not heard of lately. */
  now(): Date | undefined {
    if (!this.base) return undefined;
    const passed = performance.now() - this.base.at;
    return passed <= TRUST_MS ? new Date(this.base.time + passed) : undefined;
  }

  /** Forgets what has changed in the meantime; when it cannot tell, what is kept is not used. */
  async look(): Promise<void> {
    const at = performance.now();
    try {
      const time = +(await this.clock.now());
      for (const { userId, version } of await this.repository.changedWithin(LOOK_BACK_SECONDS)) {
        const kept = this.states.get(userId);
        if (kept && kept.version < version) this.states.delete(userId);
      }
      this.base = { time, at };
    } catch (error) {
      this.logger.warn(`Entitlements are read without cache: ${(error as Error).message}`);
    }
  }
}
