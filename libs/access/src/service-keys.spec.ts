import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ServiceKeys } from './service-keys.js';

const key = (name: string, text: string) => ({ name, sha256: createHash('sha256').update(text).digest() });

describe('service keys', () => {
  const keys = new ServiceKeys([key('player', 'old key'), key('player', 'new key'), key('catalogue', 'its key')]);

  it('tell whose a key is, also while a service has two', () => {
    expect(['old key', 'new key', 'its key'].map((text) => keys.nameOf(text))).toEqual([
      'player',
      'player',
      'catalogue',
    ]);
  });

  it.each(['', 'its ke', 'its key ', key('catalogue', 'its key').sha256.toString('hex')])('do not know %j', (text) => {
    expect(keys.nameOf(text)).toBeUndefined();
  });

  it('know nobody when there are none', () => {
    expect(new ServiceKeys([]).nameOf('its key')).toBeUndefined();
  });
});
