import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, eventually } from '../tools/demo/client.ts';
import { startTestStack, type TestStack } from '../tools/local/test-stack.ts';
import { TraceCollector } from './trace-collector.js';

describe('traces', () => {
  let collector: TraceCollector;
  let stack: TestStack;

  beforeAll(async () => {
    collector = await TraceCollector.start();
    stack = await startTestStack({
      apps: ['auth', 'notification'],
      env: {
        JAEGER_CONFIGURE_TRACER: 'true',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
        OTEL_BSP_SCHEDULE_DELAY: '3000',
      },
    });
  });

  afterAll(async () => {
    await stack?.stop();
    await collector?.close();
  });

  const register = (traceId: string): Promise<Response> =>
    call(`${stack.url.auth}/auth/register`, {
      method: 'POST',
      status: 202,
      headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
      body: { email: `${randomUUID()}@example.com`, password: 'a sentence nobody guesses' },
    });

  const collected = (traceId: string): string[] =>
    collector.spans.filter((span) => span.traceId === traceId).map(({ service, library }) => `${service} ${library}`);

  it('follow a sign-up from the request through the database and the broker into the other service', async () => {
    const traceId = randomUUID().replaceAll('-', '');
    await register(traceId);
    const expected = [
      'auth @opentelemetry/instrumentation-http',
      'auth @opentelemetry/instrumentation-pg',
      'auth @opentelemetry/instrumentation-ioredis',
      'notification @opentelemetry/instrumentation-mongodb',
    ];
    await eventually('the spans of both services', async () =>
      expected.every((one) => collected(traceId).includes(one)) ? true : undefined,
    );
    expect(new Set(collected(traceId))).toEqual(new Set([...collected(traceId), ...expected]));
  });

  it.each([
    ['auth', '/auth/password/reset?lang=ru&token='],
    ['auth', '/oauth/google/callback?code=1&state='],
    ['notification', '/unsubscribe/'],
  ] as const)('keep no secret of an address: %s %s', async (app, path) => {
    const [secret, traceId] = [randomBytes(32).toString('base64url'), randomUUID().replaceAll('-', '')];
    await fetch(`${stack.url[app]}${path}${secret}`, {
      redirect: 'manual',
      headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    });
    await eventually('the span of the request', async () =>
      collected(traceId).includes(`${app} @opentelemetry/instrumentation-http`) ? true : undefined,
    );
    const spans = collector.spans.filter((span) => span.traceId === traceId);
    expect(spans.some(({ raw }) => raw.includes(path.split(/[?]|\/$/)[0]!))).toBe(true);
    expect(spans.filter(({ raw }) => raw.includes(secret)).map(({ name }) => name)).toEqual([]);
  });

  it('of the last request are told when the service ends', async () => {
    const traceId = randomUUID().replaceAll('-', '');
    await register(traceId);
    await stack.stack.services.auth!.kill('SIGTERM');
    expect(collected(traceId)).toContain('auth @opentelemetry/instrumentation-http');
  });
});
