import { describe, expect, it } from 'vitest';
import { parseRate, RATE_ONE } from './rate.js';
import { agree, type Candidate, judge } from './rate-sanity.js';

const now = new Date('2026-11-20T12:00:00Z');
const rates = (eur: string, cny = '7.165629', rub = '89.378323') => ({
  USD: RATE_ONE,
  EUR: parseRate(eur)!,
  CNY: parseRate(cny)!,
  RUB: parseRate(rub)!,
});
const last: Candidate = { publishedAt: new Date('2026-11-19T00:00:00Z'), perUsd: rates('0.9') };
const today = new Date('2026-11-20T00:00:00Z');

describe('new rates', () => {
  it.each([
    ['accepted', rates('0.9')],
    ['accepted', rates('0.945')],
    ['doubtful', rates('0.95')],
    ['doubtful', rates('1.08')],
    ['quarantined', rates('1.081')],
    ['quarantined', rates('0.9', '7.165629', '8937.8323')],
    // The wrong way round: roubles in dollars.
    ['quarantined', rates('0.9', '7.165629', '0.011188')],
  ])('are %s for what they moved', (is, perUsd) => {
    expect(judge({ publishedAt: today, perUsd }, last, now)).toMatchObject({ is });
  });

  it('older than the last accepted change nothing', () => {
    const older = { publishedAt: new Date('2026-11-18T00:00:00Z'), perUsd: rates('0.93') };
    expect(judge(older, last, now)).toEqual({ is: 'unchanged' });
  });

  it('that are the last accepted again change nothing', () => {
    expect(judge(last, last, now)).toEqual({ is: 'unchanged' });
  });

  it('may be dated for tomorrow but no further', () => {
    const dated = (hours: number) => new Date(now.getTime() + hours * 3_600_000);
    expect(judge({ publishedAt: dated(25), perUsd: rates('0.9') }, last, now)).toMatchObject({ is: 'accepted' });
    expect(judge({ publishedAt: dated(27), perUsd: rates('0.9') }, last, now)).toMatchObject({ is: 'quarantined' });
  });

  it('that are the first ever must be plausible', () => {
    expect(judge({ publishedAt: today, perUsd: rates('0.9') }, undefined, now)).toEqual({ is: 'accepted' });
    const absurd = judge({ publishedAt: today, perUsd: rates('0.9', '0.139') }, undefined, now);
    expect(absurd).toEqual({ is: 'quarantined', fault: 'CNY is not plausible' });
  });

  it('agree with a second source within two percent of each', () => {
    expect(agree(rates('1'), rates('1.02'))).toBe(true);
    expect(agree(rates('1'), rates('1.0202'))).toBe(false);
    expect(agree(rates('1'), rates('1', '7.4'))).toBe(false);
  });
});
