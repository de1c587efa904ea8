import { availableParallelism } from 'node:os';
import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { BusyError, Gate, type Place } from './gate.js';
import { normalizePassword } from './password-policy.js';

/** `Algorithm.Argon2id`; the package declares it as a const enum, which isolated modules cannot read. */
const ARGON2ID = 2;

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const PARAMETERS = {
  algorithm: ARGON2ID,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
  outputLen: 32,
} as const;
const CURRENT = '$argon2id$v=19$m=19456,t=2,p=1$';

/** About two seconds of work per core: whoever waited longer would have given up anyway. */
const QUEUE_PER_CORE = 64;

/** Hash of a random password: unknown addresses cost as much time as known ones. */
const NOBODY = `${CURRENT}MTIzNDU2Nzg5MGFiY2RlZg$OYlJyTqaBzpFXQ1Yc9BDEq5VcX3FiVQ4kY7WlKDxNtc`;

/** What comparing a password found. */
export interface PasswordCheck {
  matches: boolean;
  /** The hash was made with other parameters than today's: hash the password again. */
  outdated: boolean;
}

/** With one hash more than there are threads, a thread that is done goes on with the next one by itself. */
const IN_HAND = availableParallelism() + 1;
/**
 * Whoever is handed over in a group waits for five more hashes on each core at most: some 60 ms, of the two seconds that the queue may take.
 * Larger groups gain little, and what else the machine does waits longer for their bursts.
 */
const GROUP = 5 * availableParallelism();

/** Hashes and compares passwords, a few at a time. Both throw BusyError when too much is waiting. */
@Injectable()
export class PasswordHashingService {
  private readonly gate = new Gate(IN_HAND, QUEUE_PER_CORE * availableParallelism(), GROUP);

  /**
   * Does `work` with places kept for so many of its passwords: once it has begun and counted something, none of them is turned away.
   * Throws BusyError when there are not as many.
   */
  async withPlaces<T>(count: 1 | 2, work: (places: Place[]) => Promise<T>): Promise<T> {
    const places: Place[] = [];
    try {
      while (places.length < count) places.push(this.gate.keep());
      return await work(places);
    } finally {
      for (const place of places) place.free();
    }
  }

  async hash(password: string, place?: Place): Promise<string> {
    place?.free();
    return this.gate.run(() => hash(normalizePassword(password), PARAMETERS));
  }

  /** Hashes again; nothing when too much is waiting: the old hash does until another time. */
  async hashIfQuiet(password: string): Promise<string | undefined> {
    try {
      return await this.hash(password);
    } catch (error) {
      if (error instanceof BusyError) return undefined;
      throw error;
    }
  }

  /** Compares with the hash, or with nobody's when there is none, which takes as long and never matches. */
  async check(password: string, passwordHash: string | null, place?: Place): Promise<PasswordCheck> {
    place?.free();
    const matches = await this.gate.run(() => verify(passwordHash ?? NOBODY, normalizePassword(password)));
    if (passwordHash === null) return { matches: false, outdated: false };
    return { matches, outdated: !passwordHash.startsWith(CURRENT) };
  }
}
