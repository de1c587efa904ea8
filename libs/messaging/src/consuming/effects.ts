import { TransactionTimeoutError, type UnitOfWork } from '#libs/database';
import type { InboxRepository } from './inbox.repository.js';
import type { Delivery } from './delivery.js';

/** What became of a delivery's effect. */
export type Outcome = { is: 'done' } | { is: 'duplicate' } | { is: 'failed'; error: unknown };

/** How handlers are run so that each takes effect once. */
export interface Effects {
  /** The most deliveries worth handing over together. */
  readonly batchSize: number;
  /** How many calls of `run` may be under way. */
  readonly concurrency: number;
  /** Resolves when more can be handed over; each outcome is reported as soon as it is final, which may be later. Never throws. */
  run(consumer: string, deliveries: Delivery[], settle: Settle): Promise<void>;
}

export type Settle = (delivery: Delivery, outcome: Outcome) => void;

/** Milliseconds after which a group is broken up, so that one slow handler does not hold up its neighbours: few need not wait long. */
const GROUP_TIMEOUT_MS = { least: 100, perDelivery: 2, most: 250 };

/** Handlers that may run each in a transaction of its own; each takes a connection from the pool. */
const SINGLES = 4;

/** How often a group is tried without those who spoiled it before each of the rest runs alone. */
const REGROUPINGS = 2;

/**
 * Effects in PostgreSQL: the handlers of what has arrived together share one transaction with their inbox rows, because a
 * commit costs more than most handlers. When one fails or hangs, all are rolled back: the one to blame runs again in a
 * transaction of its own, as does at once what has failed before, and the others once more together.
 */
export class GroupedEffects implements Effects {
  readonly batchSize = 100;
  readonly concurrency = 2;
  private readonly singles = new Lane(SINGLES);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly inbox: InboxRepository,
    private readonly handlerTimeoutMs: number,
  ) {}

  async run(consumer: string, deliveries: Delivery[], settle: Settle): Promise<void> {
    const alone = (delivery: Delivery): void => this.singles.add(() => this.runAlone(consumer, delivery, settle));
    deliveries.filter((delivery) => delivery.triedBefore).forEach(alone);
    let group = deliveries.filter((delivery) => !delivery.triedBefore);
    for (let tries = 0; group.length > 0; tries++) {
      const blame = new Blame();
      try {
        return await this.commit(consumer, group, this.groupTimeoutMs(group.length), settle, blame);
      } catch (error) {
        const hung = error instanceof TransactionTimeoutError;
        if (group.length === 1 && !hung) return settle(group[0]!, { is: 'failed', error });
        const spoilers = blame.of(hung);
        // Where nobody stands out, whose fault it was shows when each runs alone.
        if (spoilers.size === 0 || tries === REGROUPINGS) return group.forEach(alone);
        spoilers.forEach(alone);
        group = group.filter((delivery) => !spoilers.has(delivery));
      }
    }
  }

  private groupTimeoutMs(size: number): number {
    const { least, perDelivery, most } = GROUP_TIMEOUT_MS;
    return Math.min(least + perDelivery * size, most, this.handlerTimeoutMs);
  }

  private async runAlone(consumer: string, delivery: Delivery, settle: Settle): Promise<void> {
    try {
      await this.commit(consumer, [delivery], this.handlerTimeoutMs, settle);
    } catch (error) {
      settle(delivery, { is: 'failed', error });
    }
  }

  private async commit(
    consumer: string,
    deliveries: Delivery[],
    timeoutMs: number,
    settle: Settle,
    blame = new Blame(),
  ): Promise<void> {
    const ids = deliveries.map((delivery) => delivery.received.id);
    const work = async (): Promise<Set<Delivery>> => {
      blame.forget();
      const unseen = await this.inbox.claim(consumer, ids);
      const fresh = deliveries.filter((delivery) => unseen.delete(delivery.received.id));
      for (const delivery of fresh) if (!delivery.sideBySide) await blame.watch(delivery);
      await allOrFirstFault(fresh.filter((delivery) => delivery.sideBySide).map((delivery) => blame.watch(delivery)));
      return new Set(fresh);
    };
    const fresh = await this.unitOfWork.run(work, { timeoutMs });
    for (const delivery of deliveries) settle(delivery, { is: fresh.has(delivery) ? 'done' : 'duplicate' });
  }
}

/** Watches the handlers of one transaction, to say who spoiled it. */
class Blame {
  private readonly atWork = new Set<Delivery>();
  private firstFault: Delivery | undefined;

  /** The transaction begins anew. */
  forget(): void {
    this.atWork.clear();
    this.firstFault = undefined;
  }

  async watch(delivery: Delivery): Promise<void> {
    this.atWork.add(delivery);
    try {
      await delivery.invoke();
    } catch (error) {
      // Whoever fails after it may only have met the transaction it broke.
      this.firstFault ??= delivery;
      throw error;
    } finally {
      this.atWork.delete(delivery);
    }
  }

  /** Those whose handlers had not come back when the time was up, or the first whose handler failed. */
  of(timeIsUp: boolean): Set<Delivery> {
    if (timeIsUp) return new Set(this.atWork);
    return new Set(this.firstFault ? [this.firstFault] : []);
  }
}

/** Effects elsewhere (MongoDB, mail): each handler on its own; its own unique keys make a repeat harmless. */
export class PlainEffects implements Effects {
  readonly batchSize = 1;

  constructor(
    readonly concurrency: number,
    private readonly handlerTimeoutMs: number,
  ) {}

  async run(_consumer: string, [delivery]: Delivery[], settle: Settle): Promise<void> {
    if (!delivery) return;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      const fault = new Error(`The handler took longer than ${this.handlerTimeoutMs} ms`);
      timer = setTimeout(() => reject(fault), this.handlerTimeoutMs);
    });
    try {
      await Promise.race([delivery.invoke(), limit]);
      settle(delivery, { is: 'done' });
    } catch (error) {
      settle(delivery, { is: 'failed', error });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Waits for all even when one fails: none may still be at work when the transaction is rolled back. */
async function allOrFirstFault(work: Promise<void>[]): Promise<void> {
  const fault = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (fault) throw fault.reason;
}

/** Runs what is added, so many at a time. */
class Lane {
  private readonly waiting: (() => Promise<void>)[] = [];
  private running = 0;

  constructor(private readonly width: number) {}

  add(work: () => Promise<void>): void {
    this.waiting.push(work);
    void this.drain();
  }

  private async drain(): Promise<void> {
    if (this.running === this.width) return;
    this.running++;
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) await next();
    this.running--;
  }
}
