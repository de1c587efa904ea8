import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BooksLab } from '../../test/money/books-lab.js';
import { AuditService } from '../audit/audit.service.js';
import { DatabaseClock } from '../clock/clock.js';
import { CurrenciesService } from '../money/currencies.service.js';
import { RATE_ONE } from '../rates/rate.js';
import { RatesRepository } from '../rates/rates.repository.js';
import { RatesService } from '../rates/rates.service.js';
import { AdjustmentsRepository } from './adjustments.repository.js';
import { AdjustmentsService } from './adjustments.service.js';

describe('while rates are stale, an adjustment', () => {
  let lab: BooksLab;
  let adjustments: AdjustmentsService;
  beforeAll(async () => {
    lab = await BooksLab.open();
    const rates = new RatesRepository(lab.unitOfWork);
    adjustments = new AdjustmentsService(
      lab.unitOfWork,
      new AdjustmentsRepository(lab.unitOfWork),
      lab.accounts,
      lab.ledger,
      new RatesService(rates, new DatabaseClock(lab.unitOfWork)),
      new CurrenciesService(lab.unitOfWork),
      new AuditService(lab.unitOfWork),
    );
    const publishedAt = new Date(Date.now() - 73 * 3_600_000);
    const perUsd = { USD: RATE_ONE, EUR: RATE_ONE, CNY: RATE_ONE, RUB: RATE_ONE };
    await rates.keep({ provider: 'test', status: 'accepted', publishedAt, perUsd });
  });
  afterAll(() => lab.close());

  const request = (actor: string, currency: string, amountMinor: bigint) =>
    adjustments.request({ userId: randomUUID(), currency, amountMinor, reason: 'goodwill', actor, key: randomUUID() });

  it('in another currency than USD waits for a second administrator, whatever it is worth', async () => {
    for (const currency of ['EUR', 'PNT'])
      expect(await request(randomUUID(), currency, 1n)).toMatchObject({ status: 'waiting', needsApproval: true });
  });

  it('is posted when the second administrator agrees', async () => {
    const { id } = await request(randomUUID(), 'EUR', 1n);
    expect((await adjustments.approve(randomUUID(), id)).status).toBe('posted');
  });

  it('in USD is judged as ever', async () => {
    const actor = randomUUID();
    expect((await request(actor, 'USD', 10_000n)).status).toBe('posted');
    expect((await request(actor, 'USD', 10_001n)).status).toBe('waiting');
  });

  it('in USD waits too when the administrator did something alone in another currency that day', async () => {
    const actor = randomUUID();
    await lab.sql.query(
      `INSERT INTO adjustments (id, user_id, currency, amount_minor, reason, status, requested_by, client_key, needs_approval)
       VALUES (gen_random_uuid(), gen_random_uuid(), 'EUR', 1, 'goodwill', 'waiting', $1, 'before', false)`,
      [actor],
    );
    expect((await request(actor, 'USD', 1n)).status).toBe('waiting');
  });
});
