import { describe, expect, it } from 'vitest';
import { allContracts } from '#libs/contracts';
import { RULES, SILENT } from './rules.js';

describe('the table of rules', () => {
  it('knows of every contract whether it says something', () => {
    const known = [...RULES.map(({ contract }) => contract), ...SILENT];
    const unknown = [...allContracts()].filter(([, contract]) => !known.includes(contract)).map(([key]) => key);
    expect(unknown).toEqual([]);
    expect(new Set(known).size).toBe(known.length);
  });
});
