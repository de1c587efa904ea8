import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createService } from '#libs/http';
import { EventsServer } from '#libs/messaging';
import type { BillingConfig } from './billing.config.js';
import { BillingModule } from './billing.module.js';

/** Builds the service, ready to listen. */
export async function createBillingService(config: BillingConfig): Promise<NestFastifyApplication> {
  const app = await createService(BillingModule, {
    name: 'billing',
    description: 'Accounts, rates, top-ups, the ledger and its history, plans and subscriptions.',
    publicUrl: config.BILLING_PUBLIC_URL,
    logLevel: config.LOG_LEVEL,
    corsOrigins: config.CORS_ORIGINS,
    trustProxy: config.TRUST_PROXY,
    // The page on which plans are bought signs in there.
    connectSources: [new URL(config.AUTH_ISSUER).origin],
  });
  app.connectMicroservice({ strategy: app.get(EventsServer) }, { inheritAppConfig: false });
  return app;
}
