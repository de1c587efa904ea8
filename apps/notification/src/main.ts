import { serve } from '#libs/http';
import { startTracing } from '#libs/telemetry';
import { NotificationConfig } from './notification.config.js';

await serve(async () => {
  const config = new NotificationConfig();
  const stopTracing = await startTracing({
    enabled: config.JAEGER_CONFIGURE_TRACER,
    service: 'notification',
    endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
  });
  // What tracing instruments is loaded after it has started.
  const { createNotificationApp } = await import('./notification.app.js');
  const app = await createNotificationApp(config);
  return { app, host: config.NOTIFICATION_HOST, port: config.NOTIFICATION_PORT, stopTracing };
});
