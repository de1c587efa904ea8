/** Why what a user has paid for is withheld. */
export type Withheld = 'blocked' | 'deleted';

/** What auth said about a user last. */
export interface Standing {
  blocked: boolean;
  /** Null: until somebody lifts the block. */
  blockedUntil: Date | null;
  deletedAt: Date | null;
}

/** A reason to withhold access, and when it ends by itself: null when it does not. */
export interface Withholding {
  reason: Withheld;
  until: Date | null;
}

/** Why access is withheld at `now`; null for a user in good standing. The moment a block ends does not belong to it. */
export function withholdingAt({ blocked, blockedUntil, deletedAt }: Standing, now: Date): Withholding | null {
  if (deletedAt) return { reason: 'deleted', until: null };
  if (!blocked || (blockedUntil && blockedUntil <= now)) return null;
  return { reason: 'blocked', until: blockedUntil };
}
