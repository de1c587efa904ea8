import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { UnavailableError } from '#libs/errors';

interface Waiting<T, R> {
  item: T;
  /** Runs something as the caller of this item would: in its trace. */
  inContext: <V>(work: () => V) => V;
  resolve: (result: R) => void;
  reject: (error: unknown) => void;
}

/** How much is done together. */
export interface BatcherOptions {
  /** Items in one batch. */
  most: number;
  /** Batches under way at the same time. */
  atOnce: number;
}

/**
 * Does together what is asked for at the same time, as a group commit does: who finds no batch under way waits for nobody, and those
 * who come meanwhile gather for the next. When a batch fails each of its items is tried by itself, so that none suffers for
 * another; a store that is unavailable is nobody's fault and reported to all.
 */
export class Batcher<T, R> {
  private readonly waiting: Waiting<T, R>[] = [];
  private running = 0;
  private starting = false;

  /** `work` returns a result for each of its items, in their order. */
  constructor(
    private readonly work: (items: T[]) => Promise<R[]>,
    private readonly options: BatcherOptions,
  ) {}

  /** The item's own result, once its batch is done. Throws what `work` throws for it. */
  run(item: T): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.waiting.push({ item, inContext: AsyncLocalStorage.snapshot(), resolve, reject });
      if (this.starting || this.running === this.options.atOnce) return;
      this.starting = true;
      // Those who were woken by the same read of a socket gather before the first of them goes.
      void setImmediate().then(() => {
        this.starting = false;
        this.pump();
      });
    });
  }

  private pump(): void {
    while (this.waiting.length > 0 && this.running < this.options.atOnce) {
      const batch = this.waiting.splice(0, this.options.most);
      this.running++;
      void batch[0]!
        .inContext(() => this.settle(batch))
        .then(() => {
          this.running--;
          this.pump();
        });
    }
  }

  private async settle(batch: Waiting<T, R>[]): Promise<void> {
    try {
      const results = await this.work(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => resolve(results[index]!));
    } catch (error) {
      if (batch.length === 1 || error instanceof UnavailableError) return batch.forEach(({ reject }) => reject(error));
      await Promise.all(batch.map((each) => each.inContext(() => this.settle([each]))));
    }
  }
}
