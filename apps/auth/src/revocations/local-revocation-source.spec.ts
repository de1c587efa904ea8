import { describe, expect, it } from 'vitest';
import type { Revocation } from '#libs/access';
import { LocalRevocationSource } from './local-revocation-source.service.js';
import type { RevocationsRepository } from './revocations.repository.js';

const MINUTE_MS = 60_000;

describe('what auth reads of its own revocations', () => {
  it('leaves nothing out, however long the process stood still in between', async () => {
    const table: Revocation[] = [];
    let now = 100 * MINUTE_MS;
    const revoke = (key: string): void => void table.push({ key, epoch: null, at: now });
    const after = (at: number): Promise<Revocation[]> => Promise.resolve(table.filter((one) => one.at > at));
    const repository = { after, ofLast: (ms: number) => after(now - ms) };
    const source = new LocalRevocationSource(repository as unknown as RevocationsRepository);
    const keys = async (): Promise<string[]> => (await source.read()).map(({ key }) => key);

    expect(await keys()).toEqual([]);
    revoke('first');
    expect(await keys()).toEqual(['first']);
    now += MINUTE_MS / 2;
    revoke('while it stood still');
    now += 5 * MINUTE_MS;
    revoke('just now');
    expect(await keys()).toEqual(['first', 'while it stood still', 'just now']);
    expect(await keys()).toEqual(['just now']);
  });
});
