import { createPublicKey, type KeyObject } from 'node:crypto';
import { KeysUnavailableError } from './access.errors.js';

/** Where the public keys come from: auth's own table, or its JWKS document. */
export abstract class KeySource {
  /** The key with this id, undefined when there is none. Throws KeysUnavailableError when it cannot be known. */
  abstract find(kid: string): Promise<KeyObject | undefined>;
}

/** A public key in a JWKS document (RFC 7517). */
export interface PublicJwk {
  kty: string;
  crv: string;
  x: string;
  y: string;
  kid: string;
  use: 'sig';
  alg: string;
}

/** How the remote keys are read and kept; milliseconds. */
interface RemoteKeySourceOptions {
  url: string;
  maxAgeMs?: number;
  /** Least time between two reads caused by unknown key ids, so that made-up ids cause no traffic. */
  cooldownMs?: number;
  /** How long old keys are believed while auth cannot be reached. */
  staleMs?: number;
  timeoutMs?: number;
  now?: () => number;
}

const MINUTE = 60_000;
const MAX_DOCUMENT_BYTES = 64 * 1024;

/** Reads auth's JWKS: cached, read again for unknown ids (with a cooldown), served stale while auth is down. */
export class RemoteKeySource extends KeySource {
  private keys = new Map<string, KeyObject>();
  private readAt = -Infinity;
  private triedAt = -Infinity;
  private reading: Promise<void> | undefined;
  private readonly options: Required<RemoteKeySourceOptions>;

  constructor(options: RemoteKeySourceOptions) {
    super();
    const defaults = { maxAgeMs: 10 * MINUTE, cooldownMs: MINUTE / 2, staleMs: 24 * 60 * MINUTE, timeoutMs: 2_000 };
    this.options = { ...defaults, now: Date.now, ...options };
  }

  async find(kid: string): Promise<KeyObject | undefined> {
    const { now, maxAgeMs, cooldownMs, staleMs } = this.options;
    const neverRead = this.readAt === -Infinity;
    const due = now() - this.readAt > maxAgeMs || !this.keys.has(kid);
    // Until the first success every caller may try; afterwards at most one read per cooldown.
    if (due && (neverRead || now() - this.triedAt > cooldownMs)) {
      try {
        await (this.reading ??= this.read().finally(() => (this.reading = undefined)));
      } catch (error) {
        const usable = this.keys.has(kid) && now() - this.readAt < staleMs;
        if (!usable) throw new KeysUnavailableError(error);
      }
    }
    // A key we do not know may be one that auth published while it could not be reached.
    if (!this.keys.has(kid) && this.triedAt > this.readAt) throw new KeysUnavailableError();
    return this.keys.get(kid);
  }

  private async read(): Promise<void> {
    const { url, timeoutMs, now } = this.options;
    this.triedAt = now();
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    const text = await response.text();
    if (text.length > MAX_DOCUMENT_BYTES) throw new Error(`${url} answered with too large a document`);
    const { keys } = JSON.parse(text) as { keys: PublicJwk[] };
    const usable = keys.filter((key) => key.use === 'sig' && key.kty === 'EC');
    this.keys = new Map(usable.map((jwk) => [jwk.kid, createPublicKey({ key: { ...jwk }, format: 'jwk' })]));
    this.readAt = this.triedAt;
  }
}
