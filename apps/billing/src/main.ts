import 'reflect-metadata';
import { serve } from '#libs/http';
import { startTracing } from '#libs/telemetry';
import { BillingConfig } from './billing.config.js';

await serve(async () => {
  const config = new BillingConfig();
  const stopTracing = await startTracing({
    enabled: config.JAEGER_CONFIGURE_TRACER,
    service: 'billing',
    endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
  });
  // Imported only now: tracing must be there before what it instruments.
  const { createBillingService } = await import('./billing.service-app.js');
  const app = await createBillingService(config);
  await app.startAllMicroservices();
  return { app, host: config.BILLING_HOST, port: config.BILLING_PORT, stopTracing };
});
