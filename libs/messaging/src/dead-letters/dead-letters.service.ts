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

/** The last of those that were shown before. */
export type Shown = Pick<DeadLetter, 'deadAt' | 'id'>;

/** Nobody who asks looks further: what comes after is reached when these are gone. */
export const WITHIN_REACH = 1_000;

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

  /**
   * Up to `limit` dead letters of a consumer, the oldest first, after the one shown last; they stay where they are. The broker takes
   * back in an order of its own what somebody has looked at: all within reach are read, and sorted here.
   */
  inspect(consumer: string, limit = 50, after?: Shown): Promise<DeadLetter[]> {
    return this.holding(consumer, async (connection) => {
      const found: DeadLetter[] = [];
      for await (const message of connection.letters(consumer, WITHIN_REACH)) {
        const letter = describe(message);
        if (!after || byAge(letter, after) > 0) found.push(letter);
        if (found.length > 2 * limit) found.sort(byAge).splice(limit);
      }
      return found.sort(byAge).slice(0, limit);
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
        await connection.remove(consumer, letters);
      },
    );
  }

  /** Removes dead letters for good and returns how many. */
  discard(consumer: string, selection: Selection, handling?: Handling): Promise<number> {
    const wanted = (letter: GetMessage): boolean => isSelected(letter, selection);
    return this.deal(consumer, wanted, handling, (connection, letters) => connection.remove(consumer, letters));
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

/** Those the broker itself has put aside have no time, and come first. */
function byAge(a: Shown, b: Shown): number {
  const [left, right] = [a, b].map(({ deadAt, id }) => `${deadAt ?? ''} ${id}`);
  return left! < right! ? -1 : Number(left! > right!);
}
