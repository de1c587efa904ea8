import type { Channel } from 'amqplib';
import { routingKeyOf } from '#libs/contracts';
import type { ResolvedMessaging } from '../messaging.options.js';

/** The broker holds an exchange or a queue of the same name with other properties. */
export class TopologyMismatchError extends Error {
  constructor(cause: Error) {
    super(
      `The broker's topology differs from what this release declares; delete or rename the object first: ${cause.message}`,
      { cause },
    );
    this.name = 'TopologyMismatchError';
  }
}

/** The names of everything one namespace owns on the broker. */
export class Topology {
  constructor(private readonly messaging: ResolvedMessaging) {}

  get exchange(): string {
    return `${this.messaging.namespace}events`;
  }

  queue(consumer: string): string {
    return `${this.messaging.namespace}${consumer}`;
  }

  /** Messages on whose account the process may have died are tried here, alone. */
  quarantine(consumer: string): string {
    return `${this.queue(consumer)}.quarantine`;
  }

  dead(consumer: string): string {
    return `${this.queue(consumer)}.dead`;
  }

  /** Exchange and queue in which a message waits `delayMs` before it goes back to the queue named by its routing key. */
  retry(delayMs: number): string {
    return `${this.messaging.namespace}events.retry.${delayMs}`;
  }

  /** Declares the exchange and the consumers' queues; safe to repeat, as are the others. */
  async declareEvents(channel: Channel): Promise<void> {
    await matching(async () => {
      await channel.assertExchange(this.exchange, 'topic', { durable: true });
      for (const consumer of this.consumers) await this.declareConsumer(channel, consumer);
    });
  }

  /** Declares where messages go that could not be handled: to be tried later, and for good. */
  async declareMoves(channel: Channel): Promise<void> {
    await matching(async () => {
      if (this.consumers.length === 0) return;
      for (const delayMs of this.messaging.retryDelaysMs) await this.declareRetry(channel, delayMs);
      for (const consumer of this.consumers) await this.declareDead(channel, consumer);
    });
  }

  async declareQuarantine(channel: Channel, consumer: string): Promise<void> {
    await matching(() =>
      channel.assertQueue(this.quarantine(consumer), {
        durable: true,
        arguments: { ...QUORUM, 'x-delivery-limit': 2, ...this.deadLetterTo(consumer) },
      }),
    );
  }

  private get consumers(): string[] {
    return Object.keys(this.messaging.consumes);
  }

  private async declareRetry(channel: Channel, delayMs: number): Promise<void> {
    const name = this.retry(delayMs);
    // Shared by all consumers: one queue per delay keeps expiry in order, which a queue of mixed delays would not.
    await channel.assertExchange(name, 'fanout', { durable: true });
    await channel.assertQueue(name, {
      durable: true,
      arguments: { ...QUORUM, 'x-message-ttl': Math.ceil(delayMs * 1.5), 'x-dead-letter-exchange': '' },
    });
    await channel.bindQueue(name, name, '');
  }

  private async declareDead(channel: Channel, consumer: string): Promise<void> {
    // Looking at a dead letter counts as a delivery, and newer brokers drop a message after twenty of them.
    await channel.assertQueue(this.dead(consumer), {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 1_000_000 },
    });
  }

  private async declareConsumer(channel: Channel, consumer: string): Promise<void> {
    const queue = this.queue(consumer);
    await channel.assertQueue(queue, {
      durable: true,
      // Only a backstop: the library moves a message to quarantine after two redeliveries.
      arguments: { ...QUORUM, 'x-delivery-limit': 100, ...this.deadLetterTo(consumer) },
    });
    for (const contract of this.messaging.consumes[consumer] ?? []) {
      await channel.bindQueue(queue, this.exchange, routingKeyOf(contract));
    }
  }

  private deadLetterTo(consumer: string): Record<string, string> {
    return { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': this.dead(consumer) };
  }
}

/** Throws TopologyMismatchError when something exists with other properties than it is declared with. */
async function matching(declare: () => Promise<unknown>): Promise<void> {
  try {
    await declare();
  } catch (error) {
    throw (error as { code?: number }).code === 406 ? new TopologyMismatchError(error as Error) : error;
  }
}

/** A dead-lettered message is only removed once its new queue has confirmed it. */
const QUORUM = {
  'x-queue-type': 'quorum',
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
};
