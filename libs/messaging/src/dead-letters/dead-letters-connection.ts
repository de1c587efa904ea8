import { setTimeout as delay } from 'node:timers/promises';
import { type ChannelModel, type ConfirmChannel, connect, type GetMessage } from 'amqplib';
import { DomainError, UnavailableError } from '#libs/errors';
import { ConfirmPublisher } from '../broker/confirm-publisher.js';
import { answerOf, hangUp } from '../broker/deadline.js';
import { Topology } from '../broker/topology.js';
import type { ResolvedMessaging } from '../messaging.options.js';

/** How long one who works on the dead letters of a consumer waits for another to be done. */
const LOCK_WAIT_MS = 3_000;
const RESOURCE_LOCKED = 405;
/** A quorum queue forgets acknowledgements beyond 32 that it has not worked off when their channel closes. */
const ACKNOWLEDGED_AT_ONCE = 16;

/** A connection of its own to the dead letters: what is not removed goes back when it closes. */
export class DeadLettersConnection {
  /** Letters that were fetched while others were removed. */
  private readonly ahead: GetMessage[] = [];

  private constructor(
    private readonly model: ChannelModel,
    private readonly channel: ConfirmChannel,
    private readonly topology: Topology,
    private readonly publisher: ConfirmPublisher,
  ) {}

  /** Throws `UnavailableError` without a broker. */
  static async use<T>(
    messaging: ResolvedMessaging,
    work: (connection: DeadLettersConnection) => Promise<T>,
  ): Promise<T> {
    const model = await connectToAny(messaging.urls);
    model.on('error', () => undefined);
    try {
      const channel = await answerOf('opening a channel', model.createConfirmChannel());
      channel.on('error', () => undefined);
      const topology = new Topology(messaging);
      await answerOf('the topology', topology.declareEvents(channel));
      await answerOf('the topology', topology.declareMoves(channel));
      const publisher = new ConfirmPublisher(messaging.confirmTimeoutMs);
      publisher.attach(channel);
      const result = await work(new DeadLettersConnection(model, channel, topology, publisher));
      channel.nackAll(true);
      // The handshake makes sure that every answer has arrived; closing the connection alone does not.
      await answerOf('closing a channel', channel.close());
      return result;
    } finally {
      await hangUp(model);
    }
  }

  async count(consumer: string): Promise<number> {
    const queue = this.topology.dead(consumer);
    return (await answerOf('dead letters', this.channel.checkQueue(queue))).messageCount;
  }

  /**
   * Keeps others away from a consumer's dead letters until this connection ends, however it ends: who looks at them holds them,
   * and another would find none. Throws a conflict when somebody else does not get done.
   */
  async lock(consumer: string): Promise<void> {
    for (const end = Date.now() + LOCK_WAIT_MS; ; await delay(50)) {
      // The broker closes the channel of whoever asks for an exclusive queue of another connection.
      const channel = await answerOf('opening a channel', this.model.createChannel());
      channel.on('error', () => undefined);
      try {
        const queue = `${this.topology.dead(consumer)}.lock`;
        await answerOf('the lock', channel.assertQueue(queue, { exclusive: true, durable: false }));
        return;
      } catch (error) {
        if ((error as { code?: number }).code !== RESOURCE_LOCKED) throw error;
        if (Date.now() > end) {
          throw new DomainError(
            'dead_letters.busy',
            'conflict',
            'Somebody else works on these dead letters; try again',
          );
        }
      }
    }
  }

  /** The first `limit` of those that are there now, one at a time. */
  async *letters(consumer: string, limit: number): AsyncGenerator<GetMessage> {
    const count = Math.min(await this.count(consumer), limit);
    for (let seen = 0; seen < count; seen++) {
      const message = this.ahead.shift() ?? (await this.fetch(consumer));
      if (!message) return;
      yield message;
    }
  }

  /** Puts copies of dead letters into the consumer's queue, their tries counted anew; resolves when all are safe there. */
  async sendAgain(consumer: string, letters: GetMessage[]): Promise<void> {
    const queue = this.topology.queue(consumer);
    const sending = letters.map(({ content, properties: { messageId, type, contentType } }) =>
      this.publisher.publish('', queue, content, { messageId, type, contentType }),
    );
    const results = await Promise.all(sending);
    if (results.includes('returned')) throw new UnavailableError(`The queue ${queue}`);
  }

  /** Resolves when the broker has removed them: an acknowledgement has no answer, but the letter fetched after it does. */
  async remove(consumer: string, letters: GetMessage[]): Promise<void> {
    for (let from = 0; from < letters.length; from += ACKNOWLEDGED_AT_ONCE) {
      for (const letter of letters.slice(from, from + ACKNOWLEDGED_AT_ONCE)) this.channel.ack(letter);
      const next = await this.fetch(consumer);
      if (next) this.ahead.push(next);
    }
  }

  private async fetch(consumer: string): Promise<GetMessage | undefined> {
    return (await answerOf('dead letters', this.channel.get(this.topology.dead(consumer)))) || undefined;
  }
}

async function connectToAny(urls: string[]): Promise<ChannelModel> {
  for (const url of urls) {
    const model = await connect(url, { timeout: 3_000 }).catch(() => undefined);
    if (model) return model;
  }
  throw new UnavailableError('The message broker');
}
