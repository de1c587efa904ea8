import { DomainError } from '#libs/errors';

/**
 * How long after its time of arrival a message may still become visible: longer than a write may take (the store's socket timeout),
 * and the clocks of replicas may differ by the rest. Milliseconds.
 */
export const VISIBLE_WITHIN_MS = 30_000;

/** More than one person gets in that time; beyond it the oldest are forgotten and may come twice. */
const MOST_REMEMBERED = 500;
const MARK_BYTES = 6;
/** What a header can carry beside everything else. */
const LONGEST = 8_192;

/** The header names no place in a stream of ours. */
export class StreamPositionInvalidError extends DomainError {
  constructor() {
    super('request.last_event_id_invalid', 'invalid', 'Last-Event-ID is not an id of this stream.');
  }
}

/**
 * A place in the stream of one inbox. Messages become visible out of order, so it is a time and the messages seen shortly before
 * it: reading on from a little earlier and leaving those out gives every message once.
 */
export class StreamPosition {
  /** Marks of the messages seen, with their times. */
  private readonly seen = new Map<string, number>();

  private constructor(private newest: number) {}

  /** A place that includes what became visible just now. */
  static at(now: Date): StreamPosition {
    return new StreamPosition(now.getTime());
  }

  /** The place an id stands for. Throws StreamPositionInvalidError. */
  static parse(text: string, now: Date): StreamPosition {
    const [, time, marks] = /^([0-9a-z]{1,9})\.([\w-]*)$/.exec(text) ?? [];
    const bytes = Buffer.from(marks ?? '', 'base64url');
    const newest = parseInt(time ?? '', 36);
    if (text.length > LONGEST || !(newest <= now.getTime() + VISIBLE_WITHIN_MS) || bytes.length % MARK_BYTES !== 0) {
      throw new StreamPositionInvalidError();
    }
    const position = new StreamPosition(newest);
    for (let at = 0; at < bytes.length; at += MARK_BYTES) {
      position.seen.set(bytes.toString('hex', at, at + MARK_BYTES), newest);
    }
    return position;
  }

  /** From when to read on. */
  get since(): Date {
    return new Date(this.newest - VISIBLE_WITHIN_MS);
  }

  /** Moves past a message; false when it was seen before. */
  pass(id: string, arrivedAt: Date): boolean {
    const mark = id.slice(-2 * MARK_BYTES);
    if (this.seen.has(mark)) return false;
    this.newest = Math.max(this.newest, arrivedAt.getTime());
    this.seen.set(mark, arrivedAt.getTime());
    for (const [old, time] of this.seen) {
      if (time > this.newest - VISIBLE_WITHIN_MS && this.seen.size <= MOST_REMEMBERED) break;
      this.seen.delete(old);
    }
    return true;
  }

  /** An event id. */
  toString(): string {
    return `${this.newest.toString(36)}.${Buffer.from([...this.seen.keys()].join(''), 'hex').toString('base64url')}`;
  }
}
