// The built billing service's modules in a process without HTTP: posts conversions through LedgerService, as many at a time as asked.
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { idsOf } from './ledger-users.ts';

const dist = join(import.meta.dirname, '../../dist');
const load = async <T>(path: string): Promise<T> => (await import(pathToFileURL(join(dist, path)).href)) as T;

interface Ledger {
  post(request: object): Promise<{ transactionId: string }>;
}

const { BillingModule } = await load<{ BillingModule: Type }>('apps/billing/src/billing.module.js');
const { LedgerService } = await load<{ LedgerService: Type<Ledger> }>('apps/billing/src/ledger/ledger.service.js');
const app = await NestFactory.createApplicationContext(BillingModule, { logger: ['error'] });
const ledger = app.get(LedgerService);

/** What the conversion route posts, between the wallets of a user. */
function conversion(n: number): object {
  const { user, usd, eur } = idsOf(n);
  return {
    userId: user,
    kind: 'conversion',
    idempotencyKey: randomUUID(),
    legs: [
      { code: 'exchanged', debit: `account:${usd}`, credit: 'system:fx_position', currency: 'USD', amountMinor: 99n },
      { code: 'spread', debit: `account:${usd}`, credit: 'system:fx_spread', currency: 'USD', amountMinor: 1n },
      { code: 'received', debit: 'system:fx_position', credit: `account:${eur}`, currency: 'EUR', amountMinor: 90n },
    ],
    source: { type: 'bench', id: randomUUID() },
    actor: user,
  };
}

async function perSecond(clients: number, seconds: number, [first, last]: [number, number]): Promise<number> {
  const began = performance.now();
  const end = began + seconds * 1000;
  let next = 0;
  let count = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      await ledger.post(conversion(first + (next++ % (last - first + 1))));
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return count / ((performance.now() - began) / 1000);
}

process.on('message', ({ clients, seconds, range }: { clients: number; seconds: number; range: [number, number] }) => {
  perSecond(clients, seconds, range).then(
    (rate) => process.send?.({ rate }),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
process.send?.({ ready: true });
