import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BooksLab } from '../../test/money/books-lab.js';
import { AuditService } from '../audit/audit.service.js';
import { DatabaseClock } from '../clock/clock.js';
import { FetchRatesService } from './fetch-rates.service.js';
import { RateFetchNotFoundError, RatesSupersededError, RatesTooFarAheadError } from './rate.errors.js';
import { parseRate, RATE_ONE } from './rate.js';
import { RatesAdminService } from './rates-admin.service.js';
import { type FetchStatus, type KeptFetch, RatesRepository } from './rates.repository.js';
import type { Fetched, RateSource } from './sources/rate-source.js';

const rates = (eur: string) => ({
  USD: RATE_ONE,
  EUR: parseRate(eur)!,
  CNY: parseRate('7.1')!,
  RUB: parseRate('89')!,
});
const start = Date.now();
const inHours = (hours: number): Date => new Date(start + hours * 3_600_000);

const answer = (hours: number, eur = '0.9'): Fetched => ({ publishedAt: inHours(hours), perUsd: rates(eur), raw: eur });

describe('rates', () => {
  let lab: BooksLab;
  let repository: RatesRepository;
  let fetching: FetchRatesService;
  let admin: RatesAdminService;
  const answers: Record<'primary' | 'fallback', Fetched | undefined> = { primary: undefined, fallback: undefined };
  const source = (name: keyof typeof answers): RateSource => ({
    name,
    fetch: async () => {
      if (!answers[name]) throw new Error('no answer');
      return answers[name];
    },
  });
  const keep = (status: FetchStatus, hours: number): Promise<KeptFetch> =>
    repository.keep({ provider: 'test', status, ...answer(hours) });
  const outcomes = async (): Promise<string[]> =>
    (await repository.fetches(undefined, 10)).reverse().map(({ provider, status }) => `${provider} ${status}`);

  beforeAll(async () => {
    lab = await BooksLab.open();
    const [audit, clock] = [new AuditService(lab.unitOfWork), new DatabaseClock(lab.unitOfWork)];
    repository = new RatesRepository(lab.unitOfWork);
    fetching = new FetchRatesService(source('primary'), source('fallback'), lab.unitOfWork, repository, audit, clock);
    admin = new RatesAdminService(lab.unitOfWork, repository, audit, clock);
  });
  beforeEach(async () => {
    Object.assign(answers, { primary: undefined, fallback: undefined });
    await lab.sql.query(`SET session_replication_role = replica; TRUNCATE rate_fetches CASCADE; TRUNCATE audit_log;
                         SET session_replication_role = DEFAULT`);
  });
  afterAll(() => lab.close());

  describe('in quarantine', () => {
    const accept = (id: string): Promise<void> => admin.decide(randomUUID(), id, 'accepted', 'confirmed');

    it.each([
      ['older than the newest set', -30, RatesSupersededError],
      ['dated later than for the next day', 27, RatesTooFarAheadError],
    ])('are not accepted when they are %s, and stay there to be rejected', async (_, hours, refusal) => {
      await keep('accepted', -20);
      const before = await repository.latest();
      const { id } = await keep('quarantined', hours);
      await expect(accept(id)).rejects.toThrow(refusal);
      expect(await repository.latest()).toEqual(before);
      expect(await repository.fetches('quarantined', 10)).toMatchObject([{ id, decidedBy: null }]);
      expect(await lab.rows('SELECT 1 FROM audit_log')).toEqual([]);
      await admin.decide(randomUUID(), id, 'rejected', 'not confirmed');
      expect(await repository.fetches('quarantined', 10)).toEqual([]);
    });

    it.each([-20, 25])('are accepted when they are of the same time or newer, up to the next day', async (hours) => {
      await keep('accepted', -20);
      const { id, publishedAt } = await keep('quarantined', hours);
      await accept(id);
      expect(await repository.latest()).toMatchObject({ publishedAt });
    });

    it('are not accepted when newer ones are being accepted at the same time', async () => {
      const { id } = await keep('quarantined', -30);
      const steps = new EventEmitter();
      const kept = once(steps, 'kept');
      const newer = lab.unitOfWork.run(async () => {
        await keep('accepted', -20);
        steps.emit('kept');
        await once(steps, 'commit');
      });
      await kept;
      const refused = accept(id).catch((error: unknown) => error);
      const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      await vi
        .waitUntil(async () => (await lab.rows(waiting)).length > 0, { timeout: 10_000 })
        .finally(() => steps.emit('commit'));
      await newer;
      expect(await refused).toBeInstanceOf(RatesSupersededError);
    });

    it.each(['99999999999999999999', '1e+21', '9007199254740993'])('are not there under the id %s', async (id) => {
      await expect(accept(id)).rejects.toThrow(RateFetchNotFoundError);
    });
  });

  describe('when the first source has nothing new', () => {
    it.each([
      [
        'is asked when the newest set is over 26 hours old',
        -27,
        'accepted',
        ['primary unchanged', 'fallback accepted'],
      ],
      ['is not asked before', -25, 'unchanged', ['primary unchanged']],
    ])('the second one %s', async (_, hours, status, asked) => {
      await keep('accepted', hours);
      Object.assign(answers, { primary: answer(-100), fallback: answer(-1, '0.91') });
      expect(await fetching.fetch()).toBe(status);
      expect((await outcomes()).slice(1)).toEqual(asked);
    });

    it.each([
      ['moved too far', answer(-1, '1.8'), 'quarantined'],
      ['moved by more than one source may say', answer(-1, '1'), 'quarantined'],
      ['are no news either', answer(-28), 'unchanged'],
      ['do not come', undefined, 'unchanged'],
    ])('rates of the second one are no better when they %s', async (_, fallback, status) => {
      await keep('accepted', -27);
      const before = await repository.latest();
      Object.assign(answers, { primary: answer(-100), fallback });
      expect(await fetching.fetch()).toBe(status);
      expect(await outcomes()).toHaveLength(3);
      expect(await repository.latest()).toEqual(before);
    });
  });

  it('that an administrator asks for are audited, whatever becomes of them, and those of the hour are not', async () => {
    const actor = randomUUID();
    answers.fallback = answer(-1);
    await fetching.fetch(actor);
    await fetching.fetch();
    const [failed, accepted] = (await repository.fetches(undefined, 10)).reverse();
    const act = { actor, action: 'rates.fetched', subject_type: 'rate_fetch', reason: null };
    expect(await lab.rows('SELECT * FROM audit_log ORDER BY id')).toMatchObject([
      { ...act, subject_id: failed!.id, details: { provider: 'primary', status: 'failed', fault: 'no answer' } },
      {
        ...act,
        subject_id: accepted!.id,
        details: { provider: 'fallback', status: 'accepted', rates: accepted!.rates },
      },
    ]);
  });
});
