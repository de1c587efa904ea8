import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ProviderMoneyLine } from '../payments/payment-provider.js';
import type { OurSide } from './comparison.js';
import { ReconciliationService } from './reconciliation.service.js';

const MIDNIGHT = new Date('2026-02-01T00:00:00Z');
const NEXT = new Date('2026-02-02T00:00:00Z');

const at = (time: string, line: Partial<ProviderMoneyLine> = {}): ProviderMoneyLine => ({
  id: `txn_${time}`,
  kind: 'charge',
  sourceId: 'ch_1',
  intentId: 'pi_1',
  paymentId: 'p',
  amountMinor: 1_000n,
  currency: 'EUR',
  createdAt: new Date(time),
  ...line,
});
const ours: OurSide = {
  paymentId: 'p',
  intentId: 'pi_1',
  status: 'succeeded',
  amountMinor: 1_000n,
  currency: 'EUR',
  createdAt: new Date('2026-01-31T23:58:00Z'),
  bookedMinor: 1_000n,
  refunds: [],
  disputes: [],
};

describe('comparing a day', () => {
  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => Logger.overrideLogger(['error']));

  /** What is found when the provider has these lines and we have credited these payments on that day. */
  async function compared(lines: ProviderMoneyLine[], credited: OurSide[]) {
    const provider = {
      moneyLines: (from: Date, to: Date) =>
        Promise.resolve(lines.filter(({ createdAt }) => createdAt >= from && createdAt < to)),
    };
    const repository = {
      byIntents: (intents: string[]) => Promise.resolve([ours].filter(({ intentId }) => intents.includes(intentId))),
      settledBetween: () => Promise.resolve(credited),
      clearing: () => Promise.resolve({}),
      store: vi.fn<() => Promise<void>>(),
    };
    const settling = { settle: () => Promise.reject(new Error('not ours')) };
    const others = [settling, {}, {}] as never[];
    const service = new ReconciliationService(
      provider as never,
      repository as never,
      ...(others as [never, never, never]),
    );
    return service.reconcile(MIDNIGHT, NEXT);
  }

  it('misses no capture of the evening before of what was credited after midnight', async () => {
    const report = await compared([at('2026-01-31T23:59:00Z')], [ours]);
    expect(report).toMatchObject({ ok: true, lines: 0, differences: [] });
  });

  it.each([
    ['2026-01-31T22:20:00Z', '2026-01-31T22:30:00Z', []],
    ['2026-01-20T12:00:00Z', '2026-01-29T12:00:00Z', []],
    ['2025-12-01T12:00:00Z', '2025-12-01T12:10:00Z', ['credited_not_captured']],
  ])('looks for the capture of a payment of %s since then, for a month at most', async (made, captured, found) => {
    const report = await compared([at(captured)], [{ ...ours, createdAt: new Date(made) }]);
    expect(report.differences.map(({ what }) => what)).toEqual(found);
  });

  it('leaves what moved before and after the day to other days', async () => {
    const stranger = { intentId: 'pi_2', paymentId: null };
    const lines = [at('2026-01-31T23:59:00Z', stranger), at('2026-02-02T00:00:00Z', stranger)];
    expect(await compared([...lines, at('2026-02-01T00:00:00Z')], [])).toMatchObject({ ok: true, lines: 1 });
    const within = await compared([at('2026-02-01T23:59:00Z', stranger)], []);
    expect(within.differences).toMatchObject([{ what: 'captured_not_ours' }]);
  });

  it('adds up what the provider moved, but for what is none of ours', async () => {
    const lines = [
      at('2026-02-01T01:00:00Z'),
      at('2026-02-01T02:00:00Z', { kind: 'dispute', amountMinor: -400n }),
      at('2026-02-01T03:00:00Z', { kind: 'other', amountMinor: -50n }),
    ];
    expect((await compared(lines, [])).moved.provider).toEqual({ EUR: '600' });
  });
});
