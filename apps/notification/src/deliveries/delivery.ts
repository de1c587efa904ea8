import { createHash } from 'node:crypto';

/** What users choose between. */
export type ChosenChannel = 'inbox' | 'email';

/** Where a message goes; webhooks by the name of their receiver. */
export type Channel = ChosenChannel | `webhook:${string}`;

/** `pending` is waiting, being sent or due again; the other three are final. */
export type DeliveryState = 'pending' | 'sent' | 'skipped' | 'failed';

/** Mail of one lane never waits for mail of another. */
export type Lane = 'security' | 'standard' | 'bulk';

/** Why nobody was written to. */
export type SkipReason =
  | 'blocked'
  | 'erased'
  | 'unverified'
  | 'no_address'
  | 'unsubscribed'
  | 'suppressed'
  | 'too_many'
  | 'no_longer_meant'
  | 'cancelled';

/** What came of a try to send. */
export type Outcome =
  | { state: 'sent'; response: string }
  | { state: 'skipped'; reason: SkipReason }
  | { state: 'failed'; reason: string; response: string }
  | { state: 'pending'; reason: string; response: string }
  /** Not a try: it waits until then. */
  | { state: 'pending'; reason: string; until: Date };

/** For how long a delivery belongs to who took it; milliseconds. Longer than all timeouts of one mail together. */
export const LEASE_MS = 60_000;

/** The same for a batch of a campaign, whose runner renews it while it works. */
export const BATCH_LEASE_MS = 20_000;

/** Pauses after each failed try, in seconds: eight tries in half an hour. */
const PAUSES_SECONDS = [10, 30, 60, 120, 240, 480, 860];

/** Milliseconds until the next try after `attempts` tries, with jitter; undefined when they are used up. */
export function pauseAfter(attempts: number, random: () => number = Math.random): number | undefined {
  const seconds = PAUSES_SECONDS[attempts - 1];
  return seconds === undefined ? undefined : Math.round(seconds * 1000 * (0.8 + 0.4 * random()));
}

/** The same delivery always has the same Message-ID, so that a mail that went out twice can be told to be one. */
export function messageIdOf(key: { messageKey: string; userId: string }, domain: string): string {
  const hash = createHash('sha256').update(`${key.messageKey}\n${key.userId}`).digest('hex').slice(0, 40);
  return `<${hash}@${domain}>`;
}
