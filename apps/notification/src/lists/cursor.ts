import { DomainError } from '#libs/errors';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A cursor that no list of ours gave. */
export class CursorInvalidError extends DomainError {
  constructor() {
    super('request.cursor_invalid', 'invalid', 'The cursor is not one of this list.');
  }
}

/** An opaque cursor that says "after this id". */
export function cursorAfter(id: string): string {
  return Buffer.from(id).toString('base64url');
}

/** The id in a cursor; throws CursorInvalidError for anything we did not make. */
export function idOf(cursor: string | undefined, shape: RegExp = UUID): string | undefined {
  if (cursor === undefined) return undefined;
  const id = Buffer.from(cursor, 'base64url').toString();
  if (!shape.test(id)) throw new CursorInvalidError();
  return id;
}
