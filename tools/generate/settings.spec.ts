import { describe, expect, it } from 'vitest';
import { envExample, markdownTable, replaceBetween, toSettings } from './settings.ts';

const settings = toSettings([
  [
    'auth',
    { LOG_LEVEL: { desc: 'How much', default: 'info', choices: ['info', 'debug'] }, AUTH_URL: { desc: 'Where' } },
  ],
  ['billing', { LOG_LEVEL: { desc: 'How much', default: 'info' }, RATES: { desc: 'a | b', default: ['USD', 'EUR'] } }],
]);

describe('the generated .env.example', () => {
  const lines = envExample(settings).split('\n');

  it('lists a variable that two services read once, first', () => {
    expect(lines.filter((line) => line.includes('LOG_LEVEL'))).toEqual(['# LOG_LEVEL=info']);
    expect(lines.indexOf('# --- auth, billing')).toBeLessThan(lines.indexOf('# --- auth'));
  });

  it('says what is required and which choices there are', () => {
    expect(lines).toContain('# Where; required');
    expect(lines).toContain('# How much; one of info, debug');
  });

  it('writes a list as the comma separated value that the environment takes', () => {
    expect(lines).toContain('# RATES=USD,EUR');
  });
});

describe('the configuration table', () => {
  it('names the default, or that there is none', () => {
    const table = markdownTable(settings);
    expect(table).toMatch(/\| `AUTH_URL` +\| auth +\| required +\| Where +\|/);
    expect(table).toMatch(/\| `RATES` +\| billing +\| `USD,EUR` +\| a \\\| b +\|/);
  });

  it('replaces only what stands between its markers', () => {
    const document = 'before\n<!-- config:start -->\nold\n<!-- config:end -->\nafter\n';
    const once = replaceBetween(document, 'config', 'new');
    expect(once).toBe('before\n<!-- config:start -->\n\nnew\n\n<!-- config:end -->\nafter\n');
    expect(replaceBetween(once, 'config', 'new')).toBe(once);
  });

  it('fails on a document without markers', () => {
    expect(() => replaceBetween('plain', 'config', 'new')).toThrow('config:start');
  });
});
