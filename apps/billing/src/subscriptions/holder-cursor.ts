import { ValidationFailedError } from '#libs/errors';

/** A place in the list of holders. */
export interface HolderPosition {
  endsAt: Date;
  periodId: string;
}

/** An opaque text for a place in the list. */
export function toHolderCursor({ endsAt, periodId }: HolderPosition): string {
  return Buffer.from(`${endsAt.getTime()}.${periodId}`).toString('base64url');
}

/** Throws ValidationFailedError for a text that is no cursor of ours. */
export function fromHolderCursor(cursor: string): HolderPosition {
  const match = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(
    Buffer.from(cursor, 'base64url').toString(),
  );
  if (!match) throw new ValidationFailedError([{ field: 'cursor', message: 'cursor is not one we have given' }]);
  return { endsAt: new Date(Number(match[1])), periodId: match[2]! };
}
