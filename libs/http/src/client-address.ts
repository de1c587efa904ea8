import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Longer than any address with brackets, zone and port. */
const MAX_LENGTH = 64;
const WITH_BRACKETS = /^\[([^[\]]*)\](?::\d{1,5})?$/;
const IPV4_WITH_PORT = /^([\d.]+):\d{1,5}$/;

/**
 * The address alone, in the one spelling that counts and columns are made for: without port, brackets and zone, IPv4 that is written as
 * IPv6 as IPv4. Nothing when the text is no address, or there is none: a connection that is gone has none.
 */
export function plainAddress(text: string | undefined): string | undefined {
  if (!text || text.length > MAX_LENGTH) return undefined;
  if (isIP(text) === 4) return text;
  const address = WITH_BRACKETS.exec(text)?.[1] ?? IPV4_WITH_PORT.exec(text)?.[1] ?? text;
  const [bare = ''] = address.split('%', 1);
  return isIP(bare) ? ipaddr.process(bare).toString() : undefined;
}

/**
 * The part of an X-Forwarded-For that tells addresses, each plain. It is read from its end, where the proxy next to us wrote, and no further
 * than to what is no address: who wrote that did not know from whom it came.
 */
export function plainForwarded(header: string): string {
  const addresses: string[] = [];
  for (const entry of header.split(',').toReversed()) {
    const text = entry.trim();
    const address = plainAddress(text);
    if (address) addresses.push(address);
    else if (text) break;
  }
  return addresses.toReversed().join(', ');
}
