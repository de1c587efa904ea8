import { createHash, randomUUID } from 'node:crypto';

/** A UUID version 7 (RFC 9562): 48 bits of milliseconds, then random, so that keys made later sort later. */
export function uuidv7(now: number = Date.now()): string {
  const time = now.toString(16).padStart(12, '0');
  // Node draws the random bytes of many UUIDs at once; version 4 has its own at the same places, after the time.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/** A UUID version 8 (RFC 9562) made of a text, the same for the same text: for what is made once however often it is ordered. */
export function uuidv8(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
