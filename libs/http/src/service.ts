import cookie from '@fastify/cookie';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import helmet, { type HelmetOptions } from 'helmet';
import { ProblemFilter } from '#libs/errors';
import { collectProcessMetrics, createLogger, NestLogger } from '#libs/telemetry';
import { createAdapter } from './adapter.js';
import { setUpOpenApi } from './openapi.js';
import type { ServiceOptions } from './service.options.js';
import { createValidationPipe } from './validation.js';

/**
 * Builds a service around its root module, ready to listen: adapter, security headers, cookies, CORS for the configured origins only,
 * validation, problem+json, OpenAPI at `/docs` and `/docs-json`. Raw bodies are kept for signature checks.
 */
export async function createService(
  module: Type<unknown> | DynamicModule,
  options: ServiceOptions,
): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(module, createAdapter(options.trustProxy), {
    rawBody: true,
    abortOnError: false,
    logger: new NestLogger(createLogger(options.name, options.logLevel)),
  });
  // Its Fastify plugin builds the headers anew for every request, which costs more than routing it.
  const secure = helmet(securityHeaders(options));
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', ({ raw: request }, { raw: response }, next) => secure(request, response, () => next()));
  await app.register(cookie);
  app.enableCors({
    origin: [...options.corsOrigins],
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: ['X-Request-Id', 'Retry-After'],
    maxAge: 600,
  });
  app.useGlobalPipes(createValidationPipe());
  app.useGlobalFilters(new ProblemFilter());
  setUpOpenApi(app, options);
  collectProcessMetrics();
  return app;
}

/** Pages bring their own script and style files; nothing inline runs, nothing frames us. HSTS only where there is TLS. */
function securityHeaders(options: ServiceOptions): HelmetOptions {
  const { publicUrl, connectSources = [], formTargets = [] } = options;
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", ...connectSources],
        formAction: ["'self'", ...formTargets],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
      },
    },
    strictTransportSecurity: publicUrl.startsWith('https:') ? { maxAge: 31_536_000, includeSubDomains: true } : false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginResourcePolicy: { policy: 'same-site' },
  };
}
