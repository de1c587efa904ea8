import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { acceptedRequestId, observeRequest, requestContext } from '#libs/telemetry';
import { plainAddress, plainForwarded } from './client-address.js';
import { assertShallow } from './unstorable.js';

const BODY_LIMIT_BYTES = 256 * 1024;

/** Connection and request limits; milliseconds. Fastify leaves the request timeout off by default. */
const TIMEOUTS = { requestTimeout: 30_000, connectionTimeout: 0, keepAliveTimeout: 72_000 };

/**
 * The Fastify instance every service runs on: bounded bodies and times, the request id taken from `X-Request-Id` when it is valid and
 * generated otherwise, sent back on every answer, a plain address as `request.ip` whatever proxies write, and a metric per answered request.
 * @param trustProxy addresses of reverse proxies whose X-Forwarded-For is believed; empty trusts nobody.
 */
export function createAdapter(trustProxy: readonly string[]): FastifyAdapter {
  const adapter = new FastifyAdapter({
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    bodyLimit: BODY_LIMIT_BYTES,
    ...TIMEOUTS,
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true },
    requestIdHeader: false,
    genReqId: (request: IncomingMessage) => acceptedRequestId(request.headers['x-request-id']) ?? randomUUID(),
  });
  adapter.getInstance().addHook('onRequest', (request, reply, done) => {
    const { headers } = request.raw;
    const forwarded = headers['x-forwarded-for'];
    if (forwarded) headers['x-forwarded-for'] = plainForwarded(String(forwarded));
    // The connection's own may be IPv4 written as IPv6, or have a zone.
    const plain = plainAddress(request.ip);
    if (plain && plain !== request.ip) Object.defineProperty(request, 'ip', { value: plain });
    void reply.header('x-request-id', request.id);
    done();
  });
  // After the body was read: what is set earlier would be lost in the stream's callbacks.
  adapter.getInstance().addHook('preValidation', (request, _reply, done) => {
    requestContext.run({ requestId: request.id }, done);
  });
  adapter.getInstance().addHook('preHandler', (request, _reply, done) => {
    assertShallow(request.body);
    done();
  });
  adapter.getInstance().addHook('onResponse', (request, reply, done) => {
    observeRequest(request.method, request.routeOptions.url ?? 'unknown', reply.statusCode, reply.elapsedTime / 1000);
    done();
  });
  return adapter;
}
