import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Counter } from '#libs/telemetry';
import { AuthConfig } from '../auth.config.js';
import { normalizePassword } from './password-policy.js';

/** Somebody waits for the answer, and a sign-up without it is better than none. */
const TIMEOUT_MS = 1_000;

/** A padded answer has about two thousand lines of forty characters. */
const MAX_BYTES = 512 * 1024;

const PREFIX_LENGTH = 5;

/** Suffix of a SHA-1 in hex, and how often the password was seen. */
const LINE = /^([0-9A-F]{35}):(\d+)$/i;

const checks = new Counter({
  name: 'auth_breach_checks_total',
  help: 'Passwords looked up among breached ones, by what came of it: clean, breached, unavailable (the password passed unchecked)',
  labelNames: ['outcome'] as const,
});

/**
 * Asks a k-anonymity range service whether a password is known from a breach (haveibeenpwned.com/API/v3#PwnedPasswords). It learns
 * five hex digits of the SHA-1, which hundreds of passwords share. Without BREACH_CHECK_URL nothing is asked.
 */
@Injectable()
export class BreachCheck {
  private readonly logger = new Logger(BreachCheck.name);

  constructor(private readonly config: AuthConfig) {}

  /** Whether the password was seen in a breach; false when the service does not say within a second. */
  async isBreached(password: string): Promise<boolean> {
    const url = this.config.BREACH_CHECK_URL;
    if (!url) return false;
    const digest = createHash('sha1').update(normalizePassword(password)).digest('hex').toUpperCase();
    const [prefix, suffix] = [digest.slice(0, PREFIX_LENGTH), digest.slice(PREFIX_LENGTH)];
    try {
      const breached = timesSeen(await ask(`${url}/${prefix}`), suffix) > 0;
      checks.inc({ outcome: breached ? 'breached' : 'clean' });
      return breached;
    } catch (error) {
      checks.inc({ outcome: 'unavailable' });
      this.logger.warn(`A password passed without the breach check: ${(error as Error).message}`);
      return false;
    }
  }
}

async function ask(url: string): Promise<string> {
  const response = await fetch(url, {
    headers: { 'add-padding': 'true', accept: 'text/plain', 'user-agent': 'auth-backend' },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > MAX_BYTES) throw new Error(`the answer has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk as Uint8Array);
  }
  if (response.status !== 200) throw new Error(`the answer is ${response.status}`);
  return Buffer.concat(chunks).toString();
}

/** Padding has the count 0. Throws when the text is not a range: a captive portal answers 200 too. */
function timesSeen(range: string, suffix: string): number {
  let seen = 0;
  for (const line of range.trim().split(/\r?\n/)) {
    const [, each, count] = LINE.exec(line) ?? [];
    if (!each) throw new Error('the answer is not a range of hashes');
    if (each.toUpperCase() === suffix) seen = Number(count);
  }
  return seen;
}
