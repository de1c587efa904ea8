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

/** Milliseconds after which a group is broken up, so that one slow handler does not hold up its neighbours. */
const GROUP_TIMEOUT_MS = 250;

/** Handlers that may run each in a transaction of its own; each takes a connection from the pool. */
const SINGLES = 4;

/**
 * Effects in PostgreSQL: the handlers of what has arrived together share one transaction with their inbox rows, because a
 * commit costs more than most handlers. When one fails, all are rolled back and run again each in its own transaction; so does
 * at once what has failed before.
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
    const group = deliveries.filter((delivery) => !delivery.triedBefore);
    const alone = deliveries.filter((delivery) => delivery.triedBefore);
    try {
      if (group.length > 0)
        await this.commit(consumer, group, Math.min(GROUP_TIMEOUT_MS, this.handlerTimeoutMs), settle);
    } catch (error) {
      const [only, ...others] = group;
      const known = only && others.length === 0 && !(error instanceof TransactionTimeoutError);
      if (known) settle(only, { is: 'failed', error });
      // Otherwise whose fault it was shows when each runs alone.
      else alone.push(...group);
    }
    for (const delivery of alone) this.singles.add(() => this.runAlone(consumer, delivery, settle));
  }

  private async runAlone(consumer: string, delivery: Delivery, settle: Settle): Promise<void> {
    try {
      await this.commit(consumer, [delivery], this.handlerTimeoutMs, settle);
    } catch (error) {
      settle(delivery, { is: 'failed', error });
    }
  }

  private async commit(consumer: string, deliveries: Delivery[], timeoutMs: number, settle: Settle): Promise<void> {
    const ids = deliveries.map((delivery) => delivery.received.id);
    const work = async (): Promise<Set<Delivery>> => {
      const unseen = await this.inbox.claim(consumer, ids);
      const fresh = deliveries.filter((delivery) => unseen.delete(delivery.received.id));
      for (const delivery of fresh) if (!delivery.sideBySide) await delivery.invoke();
      await allOrFirstFault(fresh.filter((delivery) => delivery.sideBySide).map((delivery) => delivery.invoke()));
      return new Set(fresh);
    };
    const fresh = await this.unitOfWork.run(work, { timeoutMs });
    for (const delivery of deliveries) settle(delivery, { is: fresh.has(delivery) ? 'done' : 'duplicate' });
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
