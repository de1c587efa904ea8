import { createHash } from 'node:crypto';
import type { Message } from 'amqplib';
import { hideSealed } from '#libs/contracts';
import { HEADER } from '../consuming/received.js';

/** A message that a consumer could not deal with. Sealed secrets are left out of all texts. */
export interface DeadLetter {
  /** The message's id, or a hash of its body when it has none. */
  id: string;
  /** The routing key it was published under, as far as known. */
  name: string | null;
  /** Why: the code of the error, or what the broker says. */
  reason: string;
  error: string | null;
  attempt: number;
  deadAt: string | null;
  bytes: number;
  headers: Record<string, string>;
  /** The first 10,000 characters. */
  body: string;
}

const SHOWN = 10_000;
const OUR_HEADERS = new Set<string>(Object.values(HEADER));

/** By what a dead letter is called: strangers may give any id, or none. */
export function identify(message: Message): string {
  const id: unknown = message.properties.messageId;
  return typeof id === 'string' && /^[\w.:-]{1,100}$/.test(id)
    ? id
    : createHash('sha256').update(message.content).digest('hex').slice(0, 32);
}

export function describe(message: Message): DeadLetter {
  const headers = message.properties.headers ?? {};
  const text = (name: string): string | null => (typeof headers[name] === 'string' ? hideSealed(headers[name]) : null);
  return {
    id: identify(message),
    name: typeof message.properties.type === 'string' ? message.properties.type : null,
    reason: text(HEADER.reason) ?? reasonOfBroker(text('x-first-death-reason')),
    error: text(HEADER.error),
    attempt: Number(headers[HEADER.attempt] ?? 1),
    deadAt: text(HEADER.failedAt),
    bytes: message.content.length,
    headers: Object.fromEntries(
      Object.entries(headers)
        .filter(([name]) => !OUR_HEADERS.has(name))
        .map(([name, value]) => [name, shorten(typeof value === 'string' ? value : JSON.stringify(value))]),
    ),
    body: shorten(message.content.toString('utf8', 0, SHOWN * 4)),
  };
}

/** Without our header the broker put it here: it was too large to be read, or its process died each time it was tried. */
function reasonOfBroker(reason: string | null): string {
  if (reason === 'rejected') return 'message.too_large';
  return reason === 'delivery_limit' ? 'message.kills_its_consumer' : 'unknown';
}

function shorten(text: string): string {
  return hideSealed(text).slice(0, SHOWN);
}
