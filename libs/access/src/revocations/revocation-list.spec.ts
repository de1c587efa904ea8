import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Revocation, sessionKey, userKey } from './revocation.js';
import { RevocationList, type Revocable } from './revocation-list.js';
import { RevocationSource } from './revocation-source.js';

class Source extends RevocationSource {
  given: Revocation[] = [];
  down = false;

  read(): Promise<Revocation[]> {
    return this.down ? Promise.reject(new Error('down')) : Promise.resolve(this.given);
  }
}

const token = (epoch = 1): Revocable => ({ userKey: userKey('ann'), sessionKey: sessionKey('one'), epoch });
const at = Date.now();
const ofUser = (epoch: number): Revocation => ({ key: userKey('ann'), epoch, at });

describe('the list of revocations', () => {
  const lists: RevocationList[] = [];

  afterEach(async () => {
    vi.useRealTimers();
    for (const list of lists.splice(0)) await list.onModuleDestroy();
  });

  function listOf(source: Source): RevocationList {
    const list = new RevocationList(source);
    lists.push(list);
    return list;
  }

  it('cannot tell before it was read once, whatever it has heard of meanwhile', async () => {
    const source = new Source();
    source.down = true;
    const list = listOf(source);
    await list.onModuleInit();
    list.apply([ofUser(2)]);
    expect(() => list.isRevoked(token(2))).toThrow('cannot be checked right now');
    source.down = false;
    await list.update();
    expect([list.isRevoked(token(1)), list.isRevoked(token(2))]).toEqual([true, false]);
  });

  it('voids the tokens of one session, or those of a user from before', async () => {
    const source = new Source();
    source.given = [{ key: sessionKey('two'), epoch: null, at }, ofUser(3)];
    const list = listOf(source);
    await list.update();
    expect([1, 2, 3, 4].map((epoch) => list.isRevoked(token(epoch)))).toEqual([true, true, false, false]);
    expect(list.isRevoked({ ...token(4), sessionKey: sessionKey('two') })).toBe(true);
  });

  it('knows what it knew while the source is away, and no older word replaces a newer one', async () => {
    const source = new Source();
    source.given = [ofUser(3)];
    const list = listOf(source);
    await list.update();
    source.down = true;
    await list.update();
    list.apply([ofUser(2)]);
    expect(list.isRevoked(token(2))).toBe(true);
  });

  it('is current for a minute after the source has answered', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const source = new Source();
    const list = listOf(source);
    expect(() => list.assertCurrent()).toThrow('cannot be checked right now');
    await list.update();
    source.down = true;
    vi.advanceTimersByTime(60_000);
    await list.update();
    expect(() => list.assertCurrent()).not.toThrow();
    vi.advanceTimersByTime(1);
    expect(() => list.assertCurrent()).toThrow('cannot be checked right now');
    source.down = false;
    await list.update();
    expect(() => list.assertCurrent()).not.toThrow();
  });
});
