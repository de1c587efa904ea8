import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Secrets of the services, made once so that data sealed with them stays readable. */
export type Secrets = Record<'EVENT_SECRETS_KEY' | 'AUTH_KEY_ENCRYPTION_SECRET' | 'AUTH_COOKIE_SECRET', string>;

const secret = (): string => randomBytes(32).toString('base64');

/** Reads the secrets kept in the directory, making those that are missing. */
export function keptSecrets(directory: string): Secrets {
  const file = join(directory, 'secrets.json');
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets>) : {};
  const secrets: Secrets = {
    EVENT_SECRETS_KEY: secret(),
    AUTH_KEY_ENCRYPTION_SECRET: secret(),
    AUTH_COOKIE_SECRET: secret(),
    ...kept,
  };
  mkdirSync(directory, { recursive: true });
  writeFileSync(file, JSON.stringify(secrets, null, 1), { mode: 0o600 });
  return secrets;
}
