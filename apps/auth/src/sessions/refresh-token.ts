import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { openSecret, sealSecret } from '#libs/contracts';

/** A session's tokens as a client gets them. */
export interface TokenPair {
  accessToken: string;
  expiresInSeconds: number;
  refreshToken: string;
}

const BYTES = 32;
const FORM = /^[\w-]{43}$/;

/** A new refresh token: 256 random bits in base64url. */
export function newRefreshToken(): string {
  return randomBytes(BYTES).toString('base64url');
}

/** Whether a text could be a refresh token at all. */
export function isRefreshToken(text: string): boolean {
  return FORM.test(text);
}

/** What is kept of a token. Being random, it needs no salt and no slow hash. */
export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Locks an answer away so that only the spent token it was given for opens it: a stolen database holds no usable token. */
export function sealAnswer(answer: TokenPair, spentToken: string): string {
  return sealSecret(JSON.stringify(answer), keyOf(spentToken));
}

/** Opens what `sealAnswer` made. */
export function openAnswer(sealed: string, spentToken: string): TokenPair {
  return JSON.parse(openSecret(sealed, keyOf(spentToken))) as TokenPair;
}

function keyOf(token: string): Buffer {
  return Buffer.from(hkdfSync('sha256', token, '', 'refresh answer', BYTES));
}
