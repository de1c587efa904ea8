import { CursorInvalidError } from './inbox.errors.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** An opaque cursor that says "after this id". */
export function cursorAfter(id: string): string {
  return Buffer.from(id).toString('base64url');
}

/** The id in a cursor; throws CursorInvalidError for anything we did not make. */
export function idOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const id = Buffer.from(cursor, 'base64url').toString();
  if (!UUID.test(id)) throw new CursorInvalidError();
  return id;
}
