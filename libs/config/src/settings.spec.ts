import { describe, expect, it } from 'vitest';
import { noSandboxInProduction } from './common.js';
import { InvalidSettingsError, port, settings, str, wholeNumber } from './index.js';
import { httpUrl, key32, serviceKeys } from './validators.js';

class Example extends settings({
  EXAMPLE_PORT: port({ default: 3001 }),
  EXAMPLE_URL: httpUrl({ desc: 'where' }),
  EXAMPLE_KEY: key32({ desc: 'a key' }),
  EXAMPLE_TTL_SECONDS: wholeNumber(1, 60)({ default: 10 }),
}) {}

const good = { EXAMPLE_URL: 'http://localhost:1/', EXAMPLE_KEY: Buffer.alloc(32, 1).toString('base64') };

const faultsOf = (build: () => unknown): readonly string[] => {
  try {
    build();
  } catch (error) {
    if (error instanceof InvalidSettingsError) return error.faults;
    throw error;
  }
  return [];
};

describe('settings', () => {
  it('parse what is given and fill in the defaults', () => {
    const example = new Example(good);
    expect(example.EXAMPLE_PORT).toBe(3001);
    expect(example.EXAMPLE_URL).toBe('http://localhost:1');
    expect(example.EXAMPLE_KEY).toHaveLength(32);
  });

  it('name every missing and malformed variable at once', () => {
    const faults = faultsOf(
      () => new Example({ EXAMPLE_PORT: 'x', EXAMPLE_KEY: 'c2hvcnQ=', EXAMPLE_TTL_SECONDS: '61' }),
    );
    expect(faults).toHaveLength(4);
    expect(faults.join('\n')).toMatch(
      /EXAMPLE_PORT is malformed[^]*EXAMPLE_URL is missing[^]*EXAMPLE_KEY is malformed/,
    );
  });

  it('treat an empty variable as unset', () => {
    expect(new Example({ ...good, EXAMPLE_PORT: '' }).EXAMPLE_PORT).toBe(3001);
  });

  it('cannot be changed after the start', () => {
    const example = new Example(good) as { EXAMPLE_PORT: number };
    expect(() => {
      example.EXAMPLE_PORT = 1;
    }).toThrow(TypeError);
  });
});

describe('service keys', () => {
  class Keys extends settings({ KEYS: serviceKeys({ default: [] }) }) {}
  const [one, two] = ['a'.repeat(64), '0F'.repeat(32)];

  it('are names and digests, several for one name while one takes another’s place', () => {
    expect(new Keys({}).KEYS).toEqual([]);
    expect(new Keys({ KEYS: `player:${one}, player:${two}` }).KEYS).toEqual([
      { name: 'player', sha256: Buffer.alloc(32, 0xaa) },
      { name: 'player', sha256: Buffer.alloc(32, 0x0f) },
    ]);
  });

  it.each(['player', `player:${one.slice(1)}`, `player:${one}a`, `Player:${one}`, `:${one}`, `a:${one},b:${one}`])(
    'are refused as %s',
    (text) => {
      expect(faultsOf(() => new Keys({ KEYS: text }))).toHaveLength(1);
    },
  );
});

describe('the sandbox rule', () => {
  const rule = noSandboxInProduction<{ NODE_ENV: string; ALLOW_SANDBOX: boolean; API: string | undefined }>('API');

  it('refuses a plain http provider in production', () => {
    expect(rule({ NODE_ENV: 'production', ALLOW_SANDBOX: false, API: 'http://127.0.0.1:4501' })).toHaveLength(1);
  });

  it('lets https, an unset address, development and an explicit permission pass', () => {
    expect(rule({ NODE_ENV: 'production', ALLOW_SANDBOX: false, API: 'https://api.example.com' })).toEqual([]);
    expect(rule({ NODE_ENV: 'production', ALLOW_SANDBOX: false, API: undefined })).toEqual([]);
    expect(rule({ NODE_ENV: 'development', ALLOW_SANDBOX: false, API: 'http://127.0.0.1' })).toEqual([]);
    expect(rule({ NODE_ENV: 'production', ALLOW_SANDBOX: true, API: 'http://127.0.0.1' })).toEqual([]);
  });
});

describe('a settings class', () => {
  it('shows its specs for the generated documentation', () => {
    class Documented extends settings({ A: str({ desc: 'a letter', default: 'a' }) }) {}
    expect(Documented.specs.A).toMatchObject({ desc: 'a letter' });
  });
});
