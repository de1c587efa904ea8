import { DomainError } from '#libs/errors';

/** Too much costly work is waiting already. */
export class BusyError extends DomainError {
  constructor() {
    super('service.busy', 'unavailable', 'Too many people are signing in right now. Please try again.', {
      retryAfterSeconds: 2,
    });
  }
}

/** A place behind the gate that is kept for somebody. */
export interface Place {
  /** Lets it go: to be taken in the same turn by a `run`, or by whoever comes. Does nothing the second time. */
  free(): void;
}

/**
 * Lets `slots` works run at a time and `queue` wait; whoever comes beyond that is turned away at once. While others wait, what is finished is
 * handed over in groups of up to `group`: what follows a costly work finds the processor's caches full of that work, and the first of a group
 * fills them again for the rest.
 */
export class Gate {
  private running = 0;
  private kept = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly finished: (() => void)[] = [];

  constructor(
    private readonly slots: number,
    private readonly queue: number,
    private readonly group = 1,
  ) {}

  /** Throws BusyError when the queue is full. */
  assertOpen(): void {
    if (this.running + this.waiting.length + this.kept >= this.slots + this.queue) throw new BusyError();
  }

  /** Keeps a place for a `run` to come, so that what is done before it is not done in vain. Throws BusyError when there is none. */
  keep(): Place {
    this.assertOpen();
    this.kept++;
    let held = true;
    const free = (): void => {
      if (held) this.kept--;
      held = false;
    };
    return { free };
  }

  /** Runs `work` when its turn comes. Throws BusyError when the queue is full. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.assertOpen();
    if (this.running >= this.slots) await this.turn();
    else this.running++;
    try {
      return await work();
    } finally {
      // The slot passes to the next in line without becoming free in between.
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
      await this.handOver();
    }
  }

  /** Resolves with the rest of the group; the last of those that wait takes along whoever is left, so nobody is forgotten. */
  private handOver(): Promise<void> {
    const handedOver = new Promise<void>((resolve) => this.finished.push(resolve));
    if (this.waiting.length === 0 || this.finished.length >= this.group)
      for (const resolve of this.finished.splice(0)) resolve();
    return handedOver;
  }

  private turn(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
