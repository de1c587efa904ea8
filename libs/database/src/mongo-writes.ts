/** Longer than a server that is well takes for the largest write, shorter than a handler may take. */
const LIMIT_MS = 10_000;

/**
 * Options of a write of many documents in no order, which fails after `limitMs`. While a socket does not take the whole of a command at
 * once (from 64 KiB on), the driver (7.8) hears neither of the socket's timeout nor of its end, and would wait for ever with what
 * waits behind the write; an abort it hears, and gives the connection up.
 */
export function unorderedWrite(limitMs = LIMIT_MS): { ordered: false; signal: AbortSignal } {
  return { ordered: false, signal: AbortSignal.timeout(limitMs) };
}
