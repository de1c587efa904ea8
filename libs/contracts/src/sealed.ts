import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const VERSION = 'v1';
/** At least 28 bytes: nonce and tag. */
const SEALED = /\bv1\.[\w-]{38,}/g;

/** Seals a secret with AES-256-GCM so that no store, queue or dead letter holds it in plain; `key` is 32 bytes. */
export function sealSecret(plain: string, key: Buffer): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const sealed = Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${VERSION}.${sealed.toString('base64url')}`;
}

/** Opens what `sealSecret` made; throws when it was altered or sealed with another key. */
export function openSecret(sealed: string, key: Buffer): string {
  const [version, body] = sealed.split('.');
  const bytes = Buffer.from(body ?? '', 'base64url');
  if (version !== VERSION || bytes.length < 28) throw new Error('This is not a sealed secret');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
}

/** A text, whatever it is, without the sealed secrets in it. */
export function hideSealed(text: string): string {
  return text.replaceAll(SEALED, '[sealed]');
}
