import { Inject, Injectable } from '@nestjs/common';
import type { GetMessage } from 'amqplib';
import { DomainError } from '#libs/errors';
import { MESSAGING, type ResolvedMessaging } from '../messaging.options.js';
import { type DeadLetter, describe, identify } from './dead-letter.js';
import { DeadLettersConnection } from './dead-letters-connection.js';

/** How many messages a consumer of this app could not deal with. */
export interface DeadLetterQueue {
  consumer: string;
  messages: number;
}

/** Which dead letters are meant: those with these ids, or all. */
export type Selection = { ids: string[] } | 'all';

/** How what is done to dead letters is done. */
export interface Handling {
  /** How many are looked at, from the oldest on. */
  limit?: number;
  /** Called with the ids of what is about to be dealt with; when it throws, that is left alone. */
  before?: (ids: string[]) => Promise<void>;
}

/** How many are in hand at once. */
const BATCH = 100;

/** Looks at, sends again and throws away what consumers of this app could not deal with. One at a time works on a consumer's. */
@Injectable()
export class DeadLettersService {
  constructor(@Inject(MESSAGING) private readonly messaging: ResolvedMessaging) {}

  /** How many there are per consumer. Throws `UnavailableError` without a broker. */
  list(): Promise<DeadLetterQueue[]> {
    return DeadLettersConnection.use(this.messaging, async (connection) => {
      const queues: DeadLetterQueue[] = [];
      for (const consumer of Object.keys(this.messaging.consumes))
        queues.push({ consumer, messages: await connection.count(consumer) });
      return queues;
    });
  }

  /** Dead letters of a consumer, from the oldest or the given place to the one before `end`; they stay where they are. */
  inspect(consumer: string, end = 50, from = 0): Promise<DeadLetter[]> {
    return this.holding(consumer, async (connection) => {
      const found: DeadLetter[] = [];
      let place = 0;
      for await (const message of connection.letters(consumer, end)) if (place++ >= from) found.push(describe(message));
      return found;
    });
  }

  /** The dead letter with this id, if it is among the first `limit`. */
  find(consumer: string, id: string, limit: number): Promise<DeadLetter | undefined> {
    return this.holding(consumer, async (connection) => {
      for await (const message of connection.letters(consumer, limit))
        if (identify(message) === id) return describe(message);
      return undefined;
    });
  }

  /**
   * Puts dead letters back into their consumer's queue with their tries counted anew, and returns how many. Each is removed only
   * after the broker has confirmed its copy: an interruption can leave one twice, and the inbox sees to that. What is too large
   * for a message stays: the broker would refuse it, or the consumer once more.
   */
  redrive(consumer: string, selection: Selection, handling?: Handling): Promise<number> {
    const fits = (letter: GetMessage): boolean => letter.content.length <= this.messaging.maxMessageBytes;
    return this.deal(
      consumer,
      (letter) => fits(letter) && isSelected(letter, selection),
      handling,
      async (connection, letters) => {
        await connection.sendAgain(consumer, letters);
        connection.remove(letters);
      },
    );
  }

  /** Removes dead letters for good and returns how many. */
  discard(consumer: string, selection: Selection, handling?: Handling): Promise<number> {
    const wanted = (letter: GetMessage): boolean => isSelected(letter, selection);
    return this.deal(consumer, wanted, handling, async (connection, letters) => connection.remove(letters));
  }

  private deal(
    consumer: string,
    wanted: (letter: GetMessage) => boolean,
    { limit = Infinity, before }: Handling = {},
    work: (connection: DeadLettersConnection, letters: GetMessage[]) => Promise<void>,
  ): Promise<number> {
    return this.holding(consumer, async (connection) => {
      let count = 0;
      let letters: GetMessage[] = [];
      const dealWithThese = async (): Promise<void> => {
        if (letters.length === 0) return;
        await before?.(letters.map(identify));
        await work(connection, letters);
        count += letters.length;
        letters = [];
      };
      for await (const message of connection.letters(consumer, limit)) {
        if (wanted(message)) letters.push(message);
        if (letters.length === BATCH) await dealWithThese();
      }
      await dealWithThese();
      return count;
    });
  }

  private holding<T>(consumer: string, work: (connection: DeadLettersConnection) => Promise<T>): Promise<T> {
    return DeadLettersConnection.use(this.messaging, async (connection) => {
      if (!(consumer in this.messaging.consumes)) {
        throw new DomainError('consumer.unknown', 'not_found', `This app has no consumer called ${consumer}`);
      }
      await connection.lock(consumer);
      return work(connection);
    });
  }
}

function isSelected(letter: GetMessage, selection: Selection): boolean {
  return selection === 'all' || selection.ids.includes(identify(letter));
}
