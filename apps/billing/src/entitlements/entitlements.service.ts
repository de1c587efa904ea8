import { Injectable, Logger } from '@nestjs/common';
import { EntitlementChangedV1 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { Outbox } from '#libs/messaging';
import { Clock } from '../clock/clock.js';
import { UserStandings } from '../standing/user-standings.service.js';
import { changedBetween, entitlementsAt } from './entitlement.js';
import { EntitlementsCache } from './entitlements.cache.js';
import { EntitlementsRepository, type EntitlementState } from './entitlements.repository.js';

/** Users read at once. */
const BATCH = 200;

const NOTHING: EntitlementState = { version: 0, items: [], nextChangeAt: null, withheld: null };

@Injectable()
export class EntitlementsService {
  private readonly logger = new Logger(EntitlementsService.name);

  constructor(
    private readonly repository: EntitlementsRepository,
    private readonly cache: EntitlementsCache,
    private readonly unitOfWork: UnitOfWork,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly standings: UserStandings,
  ) {}

  /** What the user may use now: one indexed read, kept until it changes; the first read after time has changed something notes it. */
  async of(userId: string): Promise<EntitlementState> {
    const kept = this.cache.find(userId);
    if (kept) return kept;
    const state = (await this.repository.find(userId)) ?? NOTHING;
    const now = this.cache.now() ?? (await this.clock.now());
    if (state.nextChangeAt && state.nextChangeAt <= now) return this.unitOfWork.run(() => this.refresh(userId));
    this.cache.keep(userId, state);
    return state;
  }

  /**
   * Holds everything about the user's subscriptions until the ambient transaction ends, so that two purchases of one user
   * come one after the other. Take it before reading periods.
   */
  async lock(userId: string): Promise<void> {
    await this.repository.lock(userId);
  }

  /** Derives the entitlements anew in the ambient transaction and tells every change; call it after changing periods. */
  async refresh(userId: string, at?: Date): Promise<EntitlementState> {
    const before = await this.repository.lock(userId);
    const now = at ?? (await this.clock.now());
    const withholding = await this.standings.withheldAt(userId, now);
    const after = entitlementsAt(await this.repository.paidTimes(userId, now), now, withholding);
    const changes = changedBetween(before.items, after.items);
    // A reason to withhold is part of the answer, also where there is nothing to withhold.
    const steps = after.withheld === before.withheld ? changes.length : Math.max(1, changes.length);
    const state = { ...after, version: before.version + steps };
    await this.repository.save(userId, state);
    this.unitOfWork.afterCommit(() => this.cache.forget(userId));
    let version = before.version;
    for (const change of changes) {
      version += 1;
      const activeUntil = change.now?.activeUntil.toISOString() ?? null;
      const withheld = after.withheld ?? undefined;
      const event = new EntitlementChangedV1({ userId, product: change.product, activeUntil, version, withheld });
      await this.outbox.add(event, { aggregateId: userId, aggregateVersion: version });
    }
    return state;
  }

  /** Tells the changes that time alone has brought; returns for how many users. */
  async tellAllDue(): Promise<number> {
    let told = 0;
    for (;;) {
      const users = await this.repository.due(await this.clock.now(), BATCH);
      const before = told;
      for (const userId of users) if (await this.tell(userId)) told += 1;
      // A batch in which nothing moves would be read for ever: its failures are tried again in the next run.
      if (users.length < BATCH || told === before) return told;
    }
  }

  /** One user's fault must not stop the others. */
  private async tell(userId: string): Promise<boolean> {
    try {
      await this.unitOfWork.run(() => this.refresh(userId));
      return true;
    } catch (error) {
      this.logger.error(error, `entitlements of ${userId}`);
      return false;
    }
  }
}
