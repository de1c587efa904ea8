import type { Role } from '#libs/access';
import type { Locale } from '#libs/contracts';

/** A user as the rest of auth sees one. */
export interface User {
  id: string;
  /** In normal form. */
  email: string;
  emailVerified: boolean;
  /** PHC string with its parameters; null for a user who comes through Google only. */
  passwordHash: string | null;
  locale: Locale;
  roles: Role[];
  /** Grows with every event about the user. */
  version: number;
  /** Access tokens of a lower epoch are void. */
  tokenEpoch: number;
  blockedAt: Date | null;
  /** null with `blockedAt` set: until somebody lifts it. */
  blockedUntil: Date | null;
  /** A first factor alone opens no session. */
  hasSecondFactor: boolean;
  createdAt: Date;
}

/** Whether the user is kept out right now. */
export function isBlocked(user: Pick<User, 'blockedAt' | 'blockedUntil'>, now: Date = new Date()): boolean {
  return user.blockedAt !== null && (user.blockedUntil === null || user.blockedUntil > now);
}

/** Whether the user has a role beyond a viewer's, which only a second factor brings into a token. */
export function isAdministrator(user: Pick<User, 'roles'>): boolean {
  return user.roles.some((role) => role !== 'public_user');
}
