import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Refusable } from './preferences.schema.js';

const CATEGORIES: readonly Refusable[] = ['billing', 'product', 'marketing'];

/** What a link says: this user does not want mail of this category. */
export interface Unsubscription {
  userId: string;
  category: Refusable;
}

/** Makes and checks the secret part of unsubscribe links: it names user and category, cannot be guessed and does not sign in. */
export class UnsubscribeTokens {
  private readonly key: KeyObject;

  /** @param secret 32 bytes; a key of our own is derived from it. */
  constructor(secret: Buffer) {
    const key = Buffer.from(hkdfSync('sha256', secret, '', 'notification unsubscribe links v1', 32));
    // Bytes would be made a key for each of a campaign's mails, at five times the cost of the signature.
    this.key = createSecretKey(key);
  }

  make({ userId, category }: Unsubscription): string {
    const body = `${userId}.${CATEGORIES.indexOf(category)}`;
    return `${body}.${this.sign(body)}`;
  }

  /** undefined for anything we did not make. */
  read(token: string): Unsubscription | undefined {
    const [, body, userId, index, signature] = /^(([0-9a-f-]{36})\.(\d))\.([\w-]{43})$/.exec(token) ?? [];
    const category = CATEGORIES[Number(index)];
    if (!body || !userId || !signature || !category) return undefined;
    const known = timingSafeEqual(Buffer.from(signature), Buffer.from(this.sign(body)));
    return known ? { userId, category } : undefined;
  }

  private sign(body: string): string {
    return createHmac('sha256', this.key).update(body).digest('base64url');
  }
}
