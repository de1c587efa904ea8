// The built billing service with one more route: signed-in users get an empty answer. Environment as the service's own.
import 'reflect-metadata';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Controller, Get, Module, type Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const dist = join(import.meta.dirname, '../../dist');
const load = async <T>(path: string): Promise<T> => (await import(pathToFileURL(join(dist, path)).href)) as T;

const { BillingModule } = await load<{ BillingModule: Type }>('apps/billing/src/billing.module.js');
const { SignedIn } = await load<{ SignedIn(): MethodDecorator & ClassDecorator }>('libs/access/src/index.js');
const { createService } = await load<{
  createService(module: Type, options: object): Promise<NestFastifyApplication>;
}>('libs/http/src/index.js');

class EmptyController {
  empty(): Record<string, never> {
    return {};
  }
}
const route = Object.getOwnPropertyDescriptor(EmptyController.prototype, 'empty')!;
Get('empty')(EmptyController.prototype, 'empty', route);
SignedIn()(EmptyController);
Controller('bench')(EmptyController);

class BenchModule {}
Module({ imports: [BillingModule], controllers: [EmptyController] })(BenchModule);

const app = await createService(BenchModule, {
  name: 'billing',
  description: 'billing with an empty route',
  publicUrl: process.env['BILLING_PUBLIC_URL'],
  logLevel: 'error',
  corsOrigins: [],
  trustProxy: [],
});
await app.listen(Number(process.env['BILLING_PORT']), '127.0.0.1');
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
process.send?.('ready');
