import { createHash } from 'node:crypto';

/** Something that makes access tokens void before they expire. */
export interface Revocation {
  /** Whose: a user's or a session's key. Hashed, so that the list tells nobody who left. */
  key: string;
  /** Tokens of the user with a lower epoch are void; null for a session, whose tokens are all void. */
  epoch: number | null;
  /** Milliseconds since 1970, by auth's database. */
  at: number;
}

/** The key under which a user's revocations are listed. */
export const userKey = (userId: string): string => digest(`user ${userId}`);

/** The key under which a session's revocation is listed. */
export const sessionKey = (sessionId: string): string => digest(`session ${sessionId}`);

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** No access token lives longer, so an older revocation has nothing left to void. One hour and a minute for clocks. */
export const REVOCATION_LIFE_MS = 61 * 60_000;

/** Where auth keeps the list for everybody: a sorted set by time, and a mark that says it is complete. */
export const REVOCATIONS_REDIS_KEY = 'auth:revocations';
/** Gone after a flush, and when auth could not keep the list up to date; another one after a refill: either way readers start over. */
export const REVOCATIONS_MARK_REDIS_KEY = 'auth:revocations:mark';

/** A revocation as one text. */
export function encodeRevocation({ key, epoch, at }: Revocation): string {
  return JSON.stringify([key, epoch, at]);
}

/** Reads what `encodeRevocation` wrote. */
export function decodeRevocation(text: string): Revocation {
  const [key, epoch, at] = JSON.parse(text) as [string, number | null, number];
  return { key, epoch, at };
}
