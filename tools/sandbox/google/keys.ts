import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Journal, Table } from '../core/journal.ts';

/** The RS256 key that signs id tokens; kept with the state so that tokens outlive a restart. */
export class SigningKey {
  readonly #table: Table<string>;
  #key: KeyObject | undefined;

  constructor(journal: Journal) {
    this.#table = journal.table('google.keys');
  }

  get #private(): KeyObject {
    if (this.#key && this.#table.get('rs256')) return this.#key;
    let pem = this.#table.get('rs256');
    if (pem === undefined) {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      pem = this.#table.put('rs256', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    }
    return (this.#key = createPrivateKey(pem));
  }

  get id(): string {
    const { n = '' } = createPublicKey(this.#private).export({ format: 'jwk' });
    return createHash('sha256').update(n).digest('hex').slice(0, 40);
  }

  /** The published set (RFC 7517). */
  jwks(): { keys: object[] } {
    const { n, e } = createPublicKey(this.#private).export({ format: 'jwk' });
    return { keys: [{ kty: 'RSA', alg: 'RS256', use: 'sig', kid: this.id, n, e }] };
  }

  /** A compact JWS; `alg` may be spoiled by a fault. */
  token(claims: object, fault?: 'alg_none' | 'bad_signature'): string {
    const header = fault === 'alg_none' ? { alg: 'none', typ: 'JWT' } : { alg: 'RS256', kid: this.id, typ: 'JWT' };
    const head = `${encode(header)}.${encode(claims)}`;
    if (fault === 'alg_none') return `${head}.`;
    const signature = sign('sha256', Buffer.from(head), this.#private);
    if (fault === 'bad_signature') signature[0] = (signature[0] ?? 0) ^ 0xff;
    return `${head}.${signature.toString('base64url')}`;
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
