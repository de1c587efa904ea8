import { DomainError } from '#libs/errors';

/** Too much costly work is waiting already. */
export class BusyError extends DomainError {
  constructor() {
    super('service.busy', 'unavailable', 'Too many people are signing in right now. Please try again.', {
      retryAfterSeconds: 2,
    });
  }
}

/** Lets `slots` works run at a time and `queue` wait; whoever comes beyond that is turned away at once. */
export class Gate {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly slots: number,
    private readonly queue: number,
  ) {}

  /** Throws BusyError when the queue is full. */
  assertOpen(): void {
    if (this.running >= this.slots && this.waiting.length >= this.queue) throw new BusyError();
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
    }
  }

  private turn(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
