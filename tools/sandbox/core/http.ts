import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { ActivityLog } from './log.ts';

/** Forms arrive as raw text: each provider decodes them its own way. */
export function buildServer(provider: string, log: ActivityLog): FastifyInstance {
  const app = Fastify({
    forceCloseConnections: true,
    bodyLimit: 5 * 1024 * 1024,
    routerOptions: { ignoreTrailingSlash: false },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : JSON.parse(body as string));
    } catch {
      done(Object.assign(new Error('The body is not JSON'), { statusCode: 400 }));
    }
  });
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.addHook('onResponse', async (request, reply) => {
    log.add(provider, `${request.method} ${request.url.split('?')[0]}`, { status: reply.statusCode });
  });
  return app;
}

/** Decodes a flat HTML form body. */
export function formOf(request: FastifyRequest): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(typeof request.body === 'string' ? request.body : ''));
}

/** Accepts the request and never answers; the client's own timeout has to end it. */
export function hang(reply: FastifyReply): void {
  reply.hijack();
}

/** Cuts the TCP connection without an answer (RST). */
export function reset(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  request.raw.socket.resetAndDestroy();
}

/** Sends the head and half of the body, then the rest after `milliseconds`. */
export function dribble(
  reply: FastifyReply,
  status: number,
  headers: Record<string, string>,
  body: string,
  milliseconds: number,
): void {
  reply.hijack();
  const bytes = Buffer.from(body);
  const half = Math.floor(bytes.length / 2);
  reply.raw.writeHead(status, { ...headers, 'content-length': bytes.length });
  reply.raw.write(bytes.subarray(0, half));
  const timer = setTimeout(() => reply.raw.end(bytes.subarray(half)), milliseconds);
  reply.raw.on('close', () => clearTimeout(timer));
}
