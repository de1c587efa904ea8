import type { RatesPerUsd } from '../rate.js';
import { RateSourceError } from '../rate.errors.js';

/** What a source answered, with the answer itself to keep. */
export interface Fetched {
  publishedAt: Date;
  perUsd: RatesPerUsd;
  raw: string;
}

/** A provider of exchange rates. */
export abstract class RateSource {
  abstract readonly name: string;
  /** Throws RateSourceError, or whatever the network throws. */
  abstract fetch(): Promise<Fetched>;
}

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 512 * 1024;

/** GETs a document, within five seconds and half a megabyte. Throws RateSourceError for any status but 200. */
export async function download(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'follow' });
  const body = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) throw new RateSourceError(`status ${response.status}`, body.toString('utf8', 0, 2_000));
  if (body.length > MAX_BYTES) throw new RateSourceError(`${body.length} bytes`);
  return body;
}
