import { register } from 'node:module';
import { tracedAddress } from './traced-address.js';

/** Where traces go, and whether at all. */
export interface TracingOptions {
  enabled: boolean;
  /** Name of the service in Jaeger. */
  service: string;
  /** OTLP over HTTP, without the `/v1/traces` path. */
  endpoint: string;
}

/**
 * Starts OpenTelemetry with the few instrumentations somebody reads (HTTP, PostgreSQL, Redis, MongoDB, AMQP); returns how to flush
 * and stop it. Call it before importing what is instrumented. The SDK is only loaded when enabled: it costs memory and boot time.
 */
export async function startTracing(options: TracingOptions): Promise<() => Promise<void>> {
  if (!options.enabled) return async () => {};
  register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
  const [{ NodeSDK }, { OTLPTraceExporter }, http, pg, ioredis, mongodb, amqplib] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/instrumentation-http'),
    import('@opentelemetry/instrumentation-pg'),
    import('@opentelemetry/instrumentation-ioredis'),
    import('@opentelemetry/instrumentation-mongodb'),
    import('@opentelemetry/instrumentation-amqplib'),
  ]);
  const sdk = new NodeSDK({
    serviceName: options.service,
    traceExporter: new OTLPTraceExporter({ url: `${options.endpoint}/v1/traces` }),
    instrumentations: [
      new http.HttpInstrumentation({
        ignoreIncomingRequestHook: (request) => isProbe(request.url),
        startIncomingSpanHook: ({ url = '' }) => tracedAddress(url),
      }),
      new pg.PgInstrumentation({ requireParentSpan: true }),
      new ioredis.IORedisInstrumentation({ requireParentSpan: true }),
      new mongodb.MongoDBInstrumentation(),
      new amqplib.AmqplibInstrumentation(),
    ],
  });
  sdk.start();
  // A collector that is not there must not keep a service from ending.
  return () =>
    sdk.shutdown().catch((error: unknown) => console.error(`the last traces were not sent: ${String(error)}`));
}

/** Probes and scrapes would bury everything else. */
function isProbe(url: string | undefined): boolean {
  return url === '/metrics' || url?.startsWith('/health/') === true;
}
