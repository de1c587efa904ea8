import { hash } from '@node-rs/argon2';
import { describe, expect, it } from 'vitest';
import { BusyError, type Gate, type Place } from './gate.js';
import { PasswordHashingService } from './password-hashing.service.js';

const passwords = new PasswordHashingService();

describe('password hashing', () => {
  it('keeps argon2id with its parameters', async () => {
    expect(await passwords.hash('correct horse battery')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('tells two passwords apart that differ only after 72 bytes', async () => {
    const long = 'x'.repeat(72);
    const kept = await passwords.hash(`${long}a`);
    expect(await passwords.check(`${long}a`, kept)).toEqual({ matches: true, outdated: false });
    expect((await passwords.check(`${long}b`, kept)).matches).toBe(false);
  });

  it('takes the composed and the decomposed form of a password for the same', async () => {
    const kept = await passwords.hash('naïve café rosé'.normalize('NFC'));
    expect((await passwords.check('naïve café rosé'.normalize('NFD'), kept)).matches).toBe(true);
  });

  it('matches nothing where there is no hash, and takes as long', async () => {
    const timeOf = async (passwordHash: string | null): Promise<number> => {
      const from = performance.now();
      for (let i = 0; i < 5; i++) await passwords.check('correct horse battery', passwordHash);
      return performance.now() - from;
    };
    const kept = await passwords.hash('another password');
    await timeOf(kept);
    expect(await passwords.check('', null)).toEqual({ matches: false, outdated: false });
    expect((await timeOf(null)) / (await timeOf(kept))).toBeGreaterThan(0.3);
  });

  it('renews a hash only when there is room', async () => {
    const places: Place[] = [];
    const { gate } = passwords as unknown as { gate: Gate };
    const takeAll = (): never => {
      for (;;) places.push(gate.keep());
    };
    expect(takeAll).toThrow(BusyError);
    expect(await passwords.hashIfQuiet('correct horse battery')).toBeUndefined();
    await expect(passwords.hash('correct horse battery')).rejects.toThrow(BusyError);
    expect(await passwords.hash('correct horse battery', places[0])).toContain('$argon2id$');
    for (const place of places) place.free();
    expect(await passwords.hashIfQuiet('correct horse battery')).toContain('$argon2id$');
  });

  it('recognises a hash made with weaker parameters', async () => {
    const weak = await hash('correct horse battery', {
      algorithm: 2,
      memoryCost: 8192,
      timeCost: 1,
      parallelism: 1,
    });
    expect(await passwords.check('correct horse battery', weak)).toEqual({ matches: true, outdated: true });
  });
});
