import { ValidationFailedError } from '#libs/errors';
import type { HistoryPosition } from './history-filter.js';

/** An opaque text for a place in the list. */
export function toCursor({ recordedAt, accountId, seq }: HistoryPosition): string {
  return Buffer.from(`${recordedAt.getTime()}.${accountId}.${seq}`).toString('base64url');
}

/** Throws ValidationFailedError for a text that is no cursor of ours. */
export function fromCursor(cursor: string): HistoryPosition {
  const match = /^(\d{1,15})\.([0-9a-f-]{36})\.(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (!match) throw new ValidationFailedError([{ field: 'cursor', message: 'cursor is not one we have given' }]);
  return { recordedAt: new Date(Number(match[1])), accountId: match[2]!, seq: Number(match[3]) };
}
