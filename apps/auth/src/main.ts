import 'reflect-metadata';
import { sizeThreadPool } from '#libs/config';
import { serve } from '#libs/http';
import { startTracing } from '#libs/telemetry';
import { AuthConfig } from './auth.config.js';

// Its threads hash passwords: see `passwords`.
sizeThreadPool();
await serve(async () => {
  const config = new AuthConfig();
  const stopTracing = await startTracing({
    enabled: config.JAEGER_CONFIGURE_TRACER,
    service: 'auth',
    endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
  });
  // Imported only now: tracing must be there before what it instruments.
  const { createAuthService } = await import('./auth.service-app.js');
  const app = await createAuthService(config);
  await app.startAllMicroservices();
  return { app, host: config.AUTH_HOST, port: config.AUTH_PORT, stopTracing };
});
