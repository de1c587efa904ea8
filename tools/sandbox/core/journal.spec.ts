import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from './journal.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'journal-'));
});
afterEach(() => rm(dir, { recursive: true }));

const file = (): string => join(dir, 'sandbox.journal');

describe('the journal', () => {
  it('gives back every row in its order after a restart, deletions included', () => {
    const first = new Journal(dir);
    const table = first.table<{ n: number }>('t');
    for (const n of [1, 2, 3]) table.put(`k${n}`, { n });
    table.put('k1', { n: 10 });
    table.delete('k2');
    first.close();
    const second = new Journal(dir).table<{ n: number }>('t');
    expect(second.values()).toEqual([{ n: 10 }, { n: 3 }]);
    expect(second.newestFirst()).toEqual([{ n: 3 }, { n: 10 }]);
  });

  it('writes one synchronous step as one line, before anything else can happen', async () => {
    const journal = new Journal(dir);
    journal.table('a').put('1', 'x');
    journal.table('b').put('2', 'y');
    await Promise.resolve();
    const lines = (await readFile(file(), 'utf8')).trim().split('\n');
    expect(lines).toEqual(['[["a","1","x"],["b","2","y"]]']);
    journal.close();
  });

  it('forgets a step that was torn by a kill, whole', async () => {
    const journal = new Journal(dir);
    journal.table('a').put('1', 'kept');
    journal.close();
    await appendFile(file(), '[["a","2","half"],["b","3","ha');
    const reopened = new Journal(dir);
    expect(reopened.table('a').keys()).toEqual(['1']);
    expect(reopened.table('b').size).toBe(0);
    reopened.table('a').put('4', 'after');
    reopened.close();
    expect(new Journal(dir).table('a').keys()).toEqual(['1', '4']);
  });

  it('is empty after it was cleared, also after a restart', () => {
    const journal = new Journal(dir);
    journal.table('a').put('1', 'x');
    journal.clear();
    journal.close();
    expect(new Journal(dir).table('a').size).toBe(0);
  });
});
