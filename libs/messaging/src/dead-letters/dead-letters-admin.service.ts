import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import type { DeadLetter } from './dead-letter.js';
import { DeadLettersService, type Handling, type Selection, type Shown, WITHIN_REACH } from './dead-letters.service.js';

/** What an administrator does to dead letters. */
export interface DeadLettersAct {
  /** The administrator's user id. */
  actor: string;
  action: 'dead_letters.redriven' | 'dead_letters.discarded';
  consumer: string;
  ids: string[];
  reason?: string;
}

/** Writes an act down in the app's audit log. */
export type RecordAct = (act: DeadLettersAct) => Promise<void>;

export const RECORD_ACT = Symbol('record act');

/** Dead letters for administrators: every act is written down before it happens. */
@Injectable()
export class DeadLettersAdminService {
  constructor(
    private readonly deadLetters: DeadLettersService,
    @Inject(RECORD_ACT) private readonly recordAct: RecordAct,
  ) {}

  /** The next `limit` after the page that gave the cursor, the oldest first. */
  async page(
    consumer: string,
    limit: number,
    cursor?: string,
  ): Promise<{ letters: DeadLetter[]; nextCursor: string | null }> {
    // One more than is shown tells whether there is another page.
    const found = await this.deadLetters.inspect(consumer, limit + 1, shownBefore(cursor));
    const letters = found.slice(0, limit);
    return { letters, nextCursor: found.length > limit ? cursorAfter(letters.at(-1)!) : null };
  }

  /** Throws `not_found` when it is not, or no longer, there. */
  async find(consumer: string, id: string): Promise<DeadLetter> {
    const letter = await this.deadLetters.find(consumer, id, WITHIN_REACH);
    if (!letter) throw notFound(id);
    return letter;
  }

  /** Sends one dead letter again, or the oldest thousand; returns how many. Throws `not_found` as `find` does. */
  async redrive(actor: string, consumer: string, id?: string): Promise<number> {
    const handling = this.recorded({ actor, action: 'dead_letters.redriven', consumer });
    return found(await this.deadLetters.redrive(consumer, selected(id), handling), id);
  }

  /** Removes one dead letter for good, or the oldest thousand; returns how many. Throws `not_found` as `find` does. */
  async discard(actor: string, consumer: string, reason: string, id?: string): Promise<number> {
    const handling = this.recorded({ actor, action: 'dead_letters.discarded', consumer, reason });
    return found(await this.deadLetters.discard(consumer, selected(id), handling), id);
  }

  private recorded(act: Omit<DeadLettersAct, 'ids'>): Handling {
    return { limit: WITHIN_REACH, before: (ids) => this.recordAct({ ...act, ids }) };
  }
}

function cursorAfter({ deadAt, id }: Shown): string {
  return Buffer.from(`${deadAt ?? ''} ${id}`).toString('base64url');
}

function shownBefore(cursor: string | undefined): Shown | undefined {
  if (cursor === undefined) return undefined;
  const [, deadAt, id] = /^(.*) ([\w.:-]+)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (id === undefined)
    throw new DomainError('request.cursor_invalid', 'invalid', 'The cursor is not one of this list.');
  return { deadAt: deadAt || null, id };
}

function selected(id: string | undefined): Selection {
  return id === undefined ? 'all' : { ids: [id] };
}

function found(count: number, id: string | undefined): number {
  if (count === 0 && id !== undefined) throw notFound(id);
  return count;
}

function notFound(id: string): DomainError {
  return new DomainError(
    'dead_letter.not_found',
    'not_found',
    `No dead letter ${id} is here, or it is too large to be sent again`,
  );
}
