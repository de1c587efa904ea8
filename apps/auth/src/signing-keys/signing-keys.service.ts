import type { KeyObject } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { KeysUnavailableError, type PublicJwk } from '#libs/access';
import { UnitOfWork } from '#libs/database';
import { AuditService } from '../audit/audit.service.js';
import { AuthConfig } from '../auth.config.js';
import { generateSigningKey, openPrivateKey, publicKeyOf, type StoredKey } from './signing-key.js';
import { SigningKeysRepository } from './signing-keys.repository.js';

/** How long the keys read from the table are believed; a rotation elsewhere is seen after it at the latest. */
const MAX_AGE_MS = 30_000;
/** Least time between two reads caused by unknown key ids. */
const COOLDOWN_MS = 1_000;
/** Clocks of the services may differ by as much. */
const CLOCK_SKEW_SECONDS = 60;

/** A key is published for this long before it signs: whoever keeps a JWKS document for a day knows it by then. */
const PUBLISHED_SECONDS = 24 * 60 * 60;

/** The next key was published so lately that verifiers may not know it. */
export class NextKeyTooYoungError extends Error {
  override readonly name = 'NextKeyTooYoungError';

  constructor() {
    super(
      'The next key has not been published for 24 hours yet: tokens that it signs may be refused by who does not know it.',
    );
  }
}

interface Keys {
  signing: { kid: string; key: KeyObject };
  verifying: ReadonlyMap<string, KeyObject>;
  published: readonly PublicJwk[];
  readAt: number;
}

@Injectable()
export class SigningKeysService implements OnModuleInit {
  private keys: Keys | undefined;
  private reading: Promise<Keys> | undefined;

  constructor(
    private readonly config: AuthConfig,
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: SigningKeysRepository,
    private readonly audit: AuditService,
  ) {}

  /** Makes the first keys; several processes starting at once make one set. */
  async onModuleInit(): Promise<void> {
    await this.unitOfWork.run(async () => {
      await this.repository.lock();
      const statuses = (await this.repository.all()).map(({ status }) => status);
      for (const status of ['current', 'next'] as const) {
        if (!statuses.includes(status)) await this.repository.insert(this.generate(status));
      }
    });
    await this.read();
  }

  /** The key that signs now. Throws KeysUnavailableError when the table cannot be read and was never read. */
  async signing(): Promise<Keys['signing']> {
    return (await this.fresh()).signing;
  }

  /** What `/.well-known/jwks.json` shows: next, current and previous keys. */
  async published(): Promise<readonly PublicJwk[]> {
    return (await this.fresh()).published;
  }

  /** The public key with this id; an unknown id is looked up again, at most once a second. */
  async find(kid: string): Promise<KeyObject | undefined> {
    const known = (await this.fresh()).verifying.get(kid);
    if (known || Date.now() - (this.keys?.readAt ?? 0) < COOLDOWN_MS) return known;
    return (await this.read()).verifying.get(kid);
  }

  /**
   * Moves every key one place on: next signs from now on, a new next is published; the audit trail says so. `early` does so even when not
   * every verifier can know the next key yet. Throws NextKeyTooYoungError.
   */
  async rotate({ early = false } = {}): Promise<void> {
    await this.unitOfWork.run(async () => {
      await this.repository.lock();
      if (!early && (await this.repository.nextAgeSeconds()) < PUBLISHED_SECONDS) throw new NextKeyTooYoungError();
      await this.repository.move('current', 'previous');
      await this.repository.move('next', 'current');
      await this.repository.insert(this.generate('next'));
      await this.audit.record({ actorId: null, action: 'signing_keys.rotated', subjectId: null });
    });
    await this.read();
  }

  /** Forgets keys whose last token has expired: whoever got hold of one signs nothing any more. */
  async forgetPrevious(): Promise<void> {
    const lastTokenSeconds = this.config.AUTH_ACCESS_TTL_SECONDS + CLOCK_SKEW_SECONDS + MAX_AGE_MS / 1000;
    await this.repository.deletePrevious(lastTokenSeconds);
  }

  private generate(status: 'current' | 'next'): StoredKey {
    return generateSigningKey(status, this.config.AUTH_KEY_ENCRYPTION_SECRET);
  }

  /** Keys that are a little old are better than none: they are served while the table cannot be read. */
  private async fresh(): Promise<Keys> {
    if (this.keys && Date.now() - this.keys.readAt < MAX_AGE_MS) return this.keys;
    try {
      return await this.read();
    } catch (error) {
      if (this.keys) return this.keys;
      throw new KeysUnavailableError(error);
    }
  }

  private async read(): Promise<Keys> {
    this.reading ??= this.readAll().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async readAll(): Promise<Keys> {
    const stored = await this.repository.all();
    const current = stored.find(({ status }) => status === 'current');
    if (!current) throw new Error('There is no signing key');
    const signing =
      this.keys?.signing.kid === current.kid
        ? this.keys.signing
        : { kid: current.kid, key: openPrivateKey(current, this.config.AUTH_KEY_ENCRYPTION_SECRET) };
    this.keys = {
      signing,
      verifying: new Map(stored.map((key) => [key.kid, publicKeyOf(key)])),
      published: stored.map(({ publicJwk }) => publicJwk),
      readAt: Date.now(),
    };
    return this.keys;
  }
}
