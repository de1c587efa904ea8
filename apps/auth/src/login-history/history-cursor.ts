import { isUUID } from 'class-validator';
import { ValidationFailedError } from '#libs/errors';
import type { HistoryCursor } from './login-attempt.js';

/** PostgreSQL knows no year 0. */
const FORM = /^((?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)\|([0-9a-f-]{36})$/;

/** An opaque text for the place after a row. */
export function encodeCursor(cursor: HistoryCursor): string {
  return Buffer.from(`${cursor.occurredAt}|${cursor.id}`).toString('base64url');
}

/** Reads a cursor back. Throws ValidationFailedError when it is none of ours. */
export function decodeCursor(text: string): HistoryCursor {
  const [, occurredAt, id] = FORM.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  if (!occurredAt || !isDate(occurredAt) || !isUUID(id)) {
    throw new ValidationFailedError([{ field: 'cursor', message: 'cursor is not one that this list gave' }]);
  }
  return { occurredAt, id: id! };
}

/** Whether the calendar has it: `Date.parse` makes the second of March of February the thirtieth. */
function isDate(text: string): boolean {
  const date = new Date(text);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 19) === text.slice(0, 19);
}
