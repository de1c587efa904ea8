import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { ACCESS_TOKEN_ALGORITHM, type PublicJwk } from '#libs/access';
import { openSecret, sealSecret } from '#libs/contracts';

/** Published before it signs; signs; published while its last tokens live. */
export type KeyStatus = 'next' | 'current' | 'previous';

/** A key pair as it is kept. */
export interface StoredKey {
  kid: string;
  status: KeyStatus;
  publicJwk: PublicJwk;
  sealedPrivateKey: string;
  statusSince: Date;
}

/** Makes a key pair; `secret` (32 bytes) encrypts the private half with AES-256-GCM. */
export function generateSigningKey(status: KeyStatus, secret: Buffer): StoredKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' }) as { x: string; y: string };
  const kid = randomUUID();
  return {
    kid,
    status,
    publicJwk: { kty: 'EC', crv: 'P-256', x, y, kid, use: 'sig', alg: ACCESS_TOKEN_ALGORITHM },
    sealedPrivateKey: sealSecret(JSON.stringify(privateKey.export({ format: 'jwk' })), secret),
    statusSince: new Date(),
  };
}

/** The private half; throws when it was sealed with another secret. */
export function openPrivateKey(key: StoredKey, secret: Buffer): KeyObject {
  const jwk = JSON.parse(openSecret(key.sealedPrivateKey, secret)) as JsonWebKey;
  return createPrivateKey({ key: jwk, format: 'jwk' });
}

/** The public half, for verifying. */
export function publicKeyOf(key: StoredKey): KeyObject {
  return createPublicKey({ key: { ...key.publicJwk }, format: 'jwk' });
}
