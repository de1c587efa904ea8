import { createHash, randomBytes } from 'node:crypto';

/** A secret that works once: the plain form goes out in a link, only the hash stays. */
export interface OneTimeToken {
  plain: string;
  hash: Buffer;
}

/** 256 random bits in base64url. */
export function newOneTimeToken(): OneTimeToken {
  const plain = randomBytes(32).toString('base64url');
  return { plain, hash: hashOneTimeToken(plain) };
}

/** What is kept of a token; a random secret needs no salt. */
export function hashOneTimeToken(plain: string): Buffer {
  return createHash('sha256').update(plain).digest();
}
