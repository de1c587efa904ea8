import type { Received } from './received.js';

/**
 * True when an event tells of a later state of its aggregate than the one already stored. Events of one aggregate may arrive in
 * any order (retries, dead letters sent again), so a projection keeps the version beside its data and asks this under a lock,
 * or says the same in one statement: `ON CONFLICT (id) DO UPDATE SET ... WHERE table.version < excluded.version`.
 */
export function supersedes(
  event: Pick<Received, 'aggregateVersion'>,
  storedVersion: number | null | undefined,
): boolean {
  return storedVersion == null || event.aggregateVersion > storedVersion;
}
