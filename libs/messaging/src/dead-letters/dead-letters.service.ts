import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type ChannelModel, type ConfirmChannel, connect, type GetMessage } from 'amqplib';
import { DomainError, UnavailableError } from '#libs/errors';
import { answerOf, hangUp } from '../broker/deadline.js';
import { Topology } from '../broker/topology.js';
import { HEADER } from '../consuming/received.js';
import { MESSAGING, type ResolvedMessaging } from '../messaging.options.js';

/** How many messages a consumer of this app could not deal with. */
export interface DeadLetterQueue {
  consumer: string;
  messages: number;
}

/** One of them. */
export interface DeadLetter {
  /** The message's id, or a hash of its body when it has none. */
  id: string;
  /** The routing key it was published under, as far as known. */
  name: string | undefined;
  /** Why: the code of the error, or what the broker says. */
  reason: string;
  error: string | undefined;
  attempt: number;
  deadAt: string | undefined;
  bytes: number;
  /** The first 10,000 characters. */
  body: string;
}

/** Which dead letters are meant: those with these ids, or all. */
export type Selection = { ids: string[] } | 'all';

const SHOWN = 10_000;

/** Looks at, sends again and throws away what consumers of this app could not deal with. */
@Injectable()
export class DeadLettersService {
  private readonly topology: Topology;

  constructor(@Inject(MESSAGING) private readonly messaging: ResolvedMessaging) {
    this.topology = new Topology(messaging);
  }

  /** How many there are per consumer. Throws `UnavailableError` without a broker. */
  list(): Promise<DeadLetterQueue[]> {
    return this.withChannel(async (channel) => {
      const queues: DeadLetterQueue[] = [];
      for (const consumer of Object.keys(this.messaging.consumes)) {
        const { messageCount } = await answerOf('dead letters', channel.checkQueue(this.topology.dead(consumer)));
        queues.push({ consumer, messages: messageCount });
      }
      return queues;
    });
  }

  /** The first `limit` dead letters of a consumer; they stay where they are. */
  inspect(consumer: string, limit = 50): Promise<DeadLetter[]> {
    return this.withChannel(async (channel) => {
      const found: DeadLetter[] = [];
      for await (const message of this.each(channel, consumer)) {
        if (found.length === limit) break;
        found.push(describe(message));
      }
      return found;
    });
  }

  /**
   * Puts dead letters back into their consumer's queue with their tries counted anew, and returns how many. Each is removed only
   * after the broker has confirmed its copy: an interruption can leave one twice, and the inbox sees to that.
   */
  redrive(consumer: string, selection: Selection): Promise<number> {
    return this.forSelected(consumer, selection, async (channel, message) => {
      await answerOf('a copy', sendCopy(channel, this.topology.queue(consumer), message));
      channel.ack(message);
    });
  }

  /** Removes dead letters for good and returns how many. */
  discard(consumer: string, selection: Selection): Promise<number> {
    return this.forSelected(consumer, selection, async (channel, message) => channel.ack(message));
  }

  private forSelected(
    consumer: string,
    selection: Selection,
    work: (channel: ConfirmChannel, message: GetMessage) => Promise<void>,
  ): Promise<number> {
    return this.withChannel(async (channel) => {
      let count = 0;
      for await (const message of this.each(channel, consumer)) {
        if (selection !== 'all' && !selection.ids.includes(identify(message))) continue;
        await work(channel, message);
        count++;
      }
      return count;
    });
  }

  /** What is in the queue now; what is not acknowledged goes back when the channel closes. */
  private async *each(channel: ConfirmChannel, consumer: string): AsyncGenerator<GetMessage> {
    if (!(consumer in this.messaging.consumes)) {
      throw new DomainError('consumer.unknown', 'not_found', `This app has no consumer called ${consumer}`);
    }
    const queue = this.topology.dead(consumer);
    const { messageCount } = await answerOf('dead letters', channel.checkQueue(queue));
    for (let seen = 0; seen < messageCount; seen++) {
      const message = await answerOf('dead letters', channel.get(queue));
      if (!message) return;
      yield message;
    }
  }

  private async withChannel<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    const connection = await this.connect();
    connection.on('error', () => undefined);
    try {
      const channel = await answerOf('opening a channel', connection.createConfirmChannel());
      channel.on('error', () => undefined);
      await answerOf('the topology', this.topology.declare(channel));
      const result = await work(channel);
      // The handshake makes sure that every acknowledgement has arrived; closing the connection alone does not.
      await answerOf('closing a channel', channel.close());
      return result;
    } finally {
      await hangUp(connection);
    }
  }

  private async connect(): Promise<ChannelModel> {
    for (const url of this.messaging.urls) {
      const connection = await connect(url, { timeout: 3_000 }).catch(() => undefined);
      if (connection) return connection;
    }
    throw new UnavailableError('The message broker');
  }
}

function identify(message: GetMessage): string {
  const id: unknown = message.properties.messageId;
  return typeof id === 'string' && id ? id : createHash('sha256').update(message.content).digest('hex').slice(0, 32);
}

function describe(message: GetMessage): DeadLetter {
  const headers = message.properties.headers ?? {};
  const text = (name: string): string | undefined => (typeof headers[name] === 'string' ? headers[name] : undefined);
  return {
    id: identify(message),
    name: typeof message.properties.type === 'string' ? message.properties.type : undefined,
    // Without our header the broker put it here: its process died each time it was tried.
    reason: text(HEADER.reason) ?? text('x-first-death-reason') ?? 'unknown',
    error: text(HEADER.error),
    attempt: Number(headers[HEADER.attempt] ?? 1),
    deadAt: text(HEADER.failedAt),
    bytes: message.content.length,
    body: message.content.toString('utf8', 0, SHOWN * 4).slice(0, SHOWN),
  };
}

async function sendCopy(channel: ConfirmChannel, queue: string, message: GetMessage): Promise<void> {
  const { messageId, type, contentType } = message.properties;
  await new Promise<void>((resolve, reject) => {
    const returned = (): void => reject(new Error(`The queue ${queue} does not exist`));
    channel.once('return', returned);
    channel.sendToQueue(
      queue,
      message.content,
      { messageId, type, contentType, persistent: true, mandatory: true },
      (error) => {
        channel.off('return', returned);
        if (error) reject(new UnavailableError('The message broker', error));
        else resolve();
      },
    );
  });
}
