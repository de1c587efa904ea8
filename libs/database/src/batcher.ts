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

/**
 * Does together what is asked for at the same time, as a group commit does: one batch is under way at a time, who finds none waits for
 * nobody, and those who come meanwhile gather for the next. When a batch fails each of its items is tried by itself, so that none
 * suffers for another. A store that is unavailable is nobody's fault: it is reported to all, those who wait included, so that
 * nobody waits for longer than one batch takes to find that out.
 */
export class Batcher<T, R> {
  private readonly waiting: Waiting<T, R>[] = [];
  private busy = false;

  /** `work` returns a result for each of its items, in their order; it is given `most` at a time. */
  constructor(
    private readonly work: (items: T[]) => Promise<R[]>,
    private readonly most: number,
  ) {}

  /** The item's own result, once its batch is done. Throws what `work` throws for it. */
  run(item: T): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.waiting.push({ item, inContext: AsyncLocalStorage.snapshot(), resolve, reject });
      if (this.busy) return;
      this.busy = true;
      void this.empty();
    });
  }

  private async empty(): Promise<void> {
    // Those who were woken by the same read of a socket gather before the first of them goes.
    await setImmediate();
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.most);
      await batch[0]!.inContext(() => this.settle(batch));
    }
    this.busy = false;
  }

  private async settle(batch: Waiting<T, R>[]): Promise<void> {
    try {
      const results = await this.work(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => resolve(results[index]!));
    } catch (error) {
      if (error instanceof UnavailableError)
        return [...batch, ...this.waiting.splice(0)].forEach(({ reject }) => reject(error));
      if (batch.length === 1) return batch[0]!.reject(error);
      await Promise.all(batch.map((each) => each.inContext(() => this.settle([each]))));
    }
  }
}
