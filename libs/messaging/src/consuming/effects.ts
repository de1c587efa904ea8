import { UnavailableError } from '#libs/errors';
import type { UnitOfWork } from '#libs/database';
import type { InboxRepository } from './inbox.repository.js';
import type { Delivery } from './delivery.js';

/** What became of a delivery's effect. */
export type Outcome = { is: 'done' } | { is: 'duplicate' } | { is: 'failed'; error: unknown };

/** How handlers are run so that each takes effect once. */
export interface Effects {
  /** The most deliveries worth handing over together. */
  readonly batchSize: number;
  readonly concurrency: number;
  /** Runs the handlers and reports each outcome as soon as it is final; never throws. */
  run(consumer: string, deliveries: Delivery[], settle: (delivery: Delivery, outcome: Outcome) => void): Promise<void>;
}

/** Milliseconds after which a group is broken up, so that one slow handler does not hold up its neighbours. */
const GROUP_TIMEOUT_MS = 500;

/**
 * Effects in PostgreSQL: the handlers of what has arrived together share one transaction with their inbox rows, because a
 * commit costs more than most handlers. When one fails, all are rolled back and run again each in its own transaction.
 */
export class GroupedEffects implements Effects {
  readonly batchSize = 100;
  readonly concurrency = 2;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly inbox: InboxRepository,
    private readonly handlerTimeoutMs: number,
  ) {}

  async run(
    consumer: string,
    deliveries: Delivery[],
    settle: (delivery: Delivery, outcome: Outcome) => void,
  ): Promise<void> {
    if (deliveries.length > 1) {
      try {
        const fresh = await this.inOneTransaction(
          consumer,
          deliveries,
          Math.min(GROUP_TIMEOUT_MS, this.handlerTimeoutMs),
        );
        for (const delivery of deliveries) settle(delivery, { is: fresh.has(delivery) ? 'done' : 'duplicate' });
        return;
      } catch {
        // Whose fault it was shows when each runs alone.
      }
    }
    await eachWithLimit(deliveries, 4, async (delivery) => {
      try {
        const fresh = await this.inOneTransaction(consumer, [delivery], this.handlerTimeoutMs);
        settle(delivery, { is: fresh.has(delivery) ? 'done' : 'duplicate' });
      } catch (error) {
        settle(delivery, { is: 'failed', error });
      }
    });
  }

  private inOneTransaction(consumer: string, deliveries: Delivery[], timeoutMs: number): Promise<Set<Delivery>> {
    return this.unitOfWork.run(
      async () => {
        const unseen = await this.inbox.claim(
          consumer,
          deliveries.map((delivery) => delivery.received.id),
        );
        const fresh = deliveries.filter((delivery) => unseen.delete(delivery.received.id));
        for (const delivery of fresh) if (!delivery.sideBySide) await delivery.invoke();
        await allOrFirstFault(fresh.filter((delivery) => delivery.sideBySide).map((delivery) => delivery.invoke()));
        return new Set(fresh);
      },
      { timeoutMs },
    );
  }
}

/** Effects elsewhere (MongoDB, mail): each handler on its own; its own unique keys make a repeat harmless. */
export class PlainEffects implements Effects {
  readonly batchSize = 1;

  constructor(
    readonly concurrency: number,
    private readonly handlerTimeoutMs: number,
  ) {}

  async run(
    _consumer: string,
    deliveries: Delivery[],
    settle: (delivery: Delivery, outcome: Outcome) => void,
  ): Promise<void> {
    await eachWithLimit(deliveries, this.concurrency, async (delivery) => {
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new UnavailableError('The result of a handler')), this.handlerTimeoutMs);
      });
      try {
        await Promise.race([delivery.invoke(), limit]);
        settle(delivery, { is: 'done' });
      } catch (error) {
        settle(delivery, { is: 'failed', error });
      } finally {
        clearTimeout(timer);
      }
    });
  }
}

/** Waits for all even when one fails: none may still be at work when the transaction is rolled back. */
async function allOrFirstFault(work: Promise<void>[]): Promise<void> {
  const fault = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (fault) throw fault.reason;
}

async function eachWithLimit<T>(items: T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
