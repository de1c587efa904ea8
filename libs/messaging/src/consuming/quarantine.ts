import type { Channel } from 'amqplib';
import { answerOf } from '../broker/deadline.js';

const LOOK_AGAIN_MS = 500;
/** The longest rest without a suspect that is tried: a queue that does not answer must not stop the consumer. */
const LONGEST_REST_MS = 5_000;

/**
 * Whether suspects are being tried: meanwhile nothing else of the consumer may run, for a crash must have one suspect only.
 * The queue is asked, not a count of our own: another replica may have tried what we set aside.
 */
export class Quarantine {
  private channel: Channel | undefined;
  private occupied = false;
  private work = 0;
  private trials = 0;
  private restUntil = 0;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly queue: string,
    private readonly onRested: () => void,
  ) {}

  get resting(): boolean {
    return this.trials > 0 || (this.occupied && performance.now() < this.restUntil);
  }

  /** Starts anew on a connection's channel; a predecessor may have left suspects behind. */
  async open(channel: Channel): Promise<void> {
    const { messageCount } = await channel.checkQueue(this.queue);
    this.channel = channel;
    if (messageCount > 0 || this.work > 0) this.rest();
  }

  /** Moves a suspect there; the consumer rests, and goes on resting until the queue is empty, unless that takes too long. */
  whileMoving(work: () => Promise<void>): Promise<void> {
    return this.during(work);
  }

  /** Tries a suspect: the consumer rests to the end of that, and until the queue is empty, unless that takes too long. */
  whileTrying<T>(trial: () => Promise<T>): Promise<T> {
    return this.during(async () => {
      this.trials++;
      try {
        return await trial();
      } finally {
        this.trials--;
      }
    });
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private async during<T>(work: () => Promise<T>): Promise<T> {
    this.work++;
    this.rest();
    try {
      return await work();
    } finally {
      this.work--;
      this.rest();
      void this.look();
    }
  }

  private rest(): void {
    this.occupied = true;
    this.restUntil = performance.now() + LONGEST_REST_MS;
    this.lookLater();
  }

  private async look(): Promise<void> {
    const channel = this.channel;
    const state =
      channel && (await answerOf(`looking at ${this.queue}`, channel.checkQueue(this.queue)).catch(() => undefined));
    if (state?.messageCount === 0 && this.work === 0) this.occupied = false;
    else this.lookLater();
    if (!this.resting) this.onRested();
  }

  private lookLater(): void {
    clearTimeout(this.timer);
    if (this.closed) return;
    this.timer = setTimeout(() => void this.look(), LOOK_AGAIN_MS);
  }
}
