import type { Channel, ConsumeMessage } from 'amqplib';

/**
 * Acknowledges a channel's deliveries, a run of them with one frame. A channel that has closed meanwhile is no fault: the
 * broker delivers again and the inbox knows.
 */
export class Acknowledger {
  private readonly open: number[] = [];
  private readonly done = new Set<number>();

  constructor(private readonly channel: Channel) {}

  /** Every delivery of the channel passes here, in the order of arrival. */
  took(message: ConsumeMessage): void {
    this.open.push(message.fields.deliveryTag);
  }

  /** The message is dealt with; its acknowledgement leaves with the others of this tick. */
  settle(message: ConsumeMessage): void {
    this.done.add(message.fields.deliveryTag);
    if (this.done.size === 1) setImmediate(() => this.flush());
  }

  /** The broker makes it a dead letter by itself. */
  reject(message: ConsumeMessage): void {
    this.open.splice(this.open.indexOf(message.fields.deliveryTag), 1);
    try {
      this.channel.nack(message, false, false);
    } catch {
      // IllegalOperationError: the channel is closed.
    }
  }

  private flush(): void {
    let run = 0;
    while (run < this.open.length && this.done.has(this.open[run]!)) this.done.delete(this.open[run++]!);
    const tags = this.open.splice(0, run);
    if (tags.length > 0) this.acknowledge(tags.at(-1)!, true);
    // Beyond a delivery that takes longer each needs its own frame.
    for (const tag of this.done) {
      this.open.splice(this.open.indexOf(tag), 1);
      this.acknowledge(tag, false);
    }
    this.done.clear();
  }

  private acknowledge(deliveryTag: number, allUpTo: boolean): void {
    try {
      this.channel.ack({ fields: { deliveryTag } } as ConsumeMessage, allUpTo);
    } catch {
      // IllegalOperationError: the channel is closed.
    }
  }
}
