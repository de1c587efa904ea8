// The built billing service's modules in a process without HTTP: makes conversions through its service, as many at a time as asked.
import 'reflect-metadata';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const dist = join(import.meta.dirname, '../../dist');
const load = async <T>(path: string): Promise<T> => (await import(pathToFileURL(join(dist, path)).href)) as T;

interface Conversions {
  convert(userId: string, quoteId: string): Promise<{ transactionId: string }>;
}

const { BillingModule } = await load<{ BillingModule: Type }>('apps/billing/src/billing.module.js');
const { ConversionsService } = await load<{ ConversionsService: Type<Conversions> }>(
  'apps/billing/src/conversions/conversions.service.js',
);
const app = await NestFactory.createApplicationContext(BillingModule, { logger: ['error'] });
const conversions = app.get(ConversionsService);

/** What the parent asks for: so many at a time, for so long, of these quotes. */
interface Slice {
  clients: number;
  seconds: number;
  quotes: { quoteId: string; userId: string }[];
}

async function perSecond({ clients, seconds, quotes }: Slice): Promise<number> {
  const began = performance.now();
  const end = began + seconds * 1000;
  let next = 0;
  let count = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const { userId, quoteId } = quotes[next++]!;
      await conversions.convert(userId, quoteId);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return count / ((performance.now() - began) / 1000);
}

process.on('message', (slice: Slice) => {
  perSecond(slice).then(
    (rate) => process.send?.({ rate }),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
process.send?.({ ready: true });
