import type { Channel } from 'amqplib';
import { answerOf } from '../broker/deadline.js';

const LOOK_AGAIN_MS = 500;

/**
 * Whether suspects are being tried: meanwhile nothing else of the consumer may run, for a crash must have one suspect only.
 * The queue is asked, not a count of our own: another replica may have tried what we set aside.
 */
export class Quarantine {
  private channel: Channel | undefined;
  private occupied = false;
  private work = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly queue: string,
    private readonly onEmpty: () => void,
  ) {}

  get resting(): boolean {
    return this.occupied;
  }

  /** Starts anew on a connection's channel; a predecessor may have left suspects behind. */
  async open(channel: Channel): Promise<void> {
    this.channel = channel;
    const { messageCount } = await channel.checkQueue(this.queue);
    this.occupied = messageCount > 0 || this.work > 0;
    if (this.occupied) this.lookLater();
  }

  /** Moves a suspect there or tries one; the consumer rests until the queue is empty afterwards. */
  async during(work: () => Promise<void>): Promise<void> {
    this.occupied = true;
    this.work++;
    try {
      await work();
    } finally {
      this.work--;
      await this.look();
    }
  }

  close(): void {
    clearTimeout(this.timer);
    this.channel = undefined;
  }

  private async look(): Promise<void> {
    const channel = this.channel;
    if (!channel || this.work > 0) return;
    const state = await answerOf(`looking at ${this.queue}`, channel.checkQueue(this.queue)).catch(() => undefined);
    // The connection is another one: `open` has looked anew.
    if (channel !== this.channel) return;
    if (!state || state.messageCount > 0 || this.work > 0) return this.lookLater();
    this.occupied = false;
    this.onEmpty();
  }

  private lookLater(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), LOOK_AGAIN_MS);
  }
}
