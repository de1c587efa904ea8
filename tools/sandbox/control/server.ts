import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { FaultInputError, type FaultInput } from '../core/faults.ts';
import { ControlError } from './errors.ts';
import { providerRoutes } from './providers.ts';
import { stripeControl } from './stripe.ts';
import type { ControlWorld } from './world.ts';

/** Clock, faults, log and reset; the providers' own controls are beside this file. */
export function controlRoutes(app: FastifyInstance, sandbox: ControlWorld): void {
  app.setErrorHandler((error, _request, reply) => {
    const known = error instanceof ControlError || error instanceof FaultInputError || error instanceof RangeError;
    const status =
      error instanceof ControlError
        ? error.statusCode
        : known
          ? 422
          : ((error as { statusCode?: number }).statusCode ?? 500);
    return reply.code(status).send({ error: error instanceof Error ? error.message : String(error) });
  });
  app.addHook('onRequest', async (request) => {
    if (request.url === '/_sandbox/health') return;
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (!same(given, sandbox.options.controlToken))
      throw new ControlError(401, 'the control token is missing or wrong');
  });
  app.get('/_sandbox/health', async () => ({
    status: 'ok',
    urls: sandbox.urls,
    now: new Date(sandbox.clock.now()).toISOString(),
  }));
  clock(app, sandbox);
  faults(app, sandbox);
  stripeControl(app, sandbox);
  providerRoutes(app, sandbox);

  app.get('/_sandbox/log', async (request) => {
    const { provider, limit } = request.query as Record<string, string | undefined>;
    return { items: sandbox.log.recent(provider, limit === undefined ? undefined : Number(limit)) };
  });
  app.post('/_sandbox/reset', async (_request, reply) => {
    sandbox.reset();
    return reply.code(204).send();
  });
  app.post('/_sandbox/seed', async (request) => {
    const { seed } = request.body as { seed?: unknown };
    if (typeof seed !== 'number' || !Number.isInteger(seed)) throw new ControlError(422, 'seed is a whole number');
    sandbox.random.reseed(seed);
    return { seed };
  });
}

function clock(app: FastifyInstance, sandbox: ControlWorld): void {
  const now = () => ({ now: new Date(sandbox.clock.now()).toISOString() });
  app.get('/_sandbox/clock', async () => now());
  app.post('/_sandbox/clock', async (request) => {
    const {
      advanceSeconds,
      now: moment,
      reset,
    } = request.body as { advanceSeconds?: unknown; now?: unknown; reset?: unknown };
    if (reset === true) sandbox.clock.reset();
    else if (typeof advanceSeconds === 'number' && Number.isFinite(advanceSeconds))
      sandbox.clock.advance(advanceSeconds * 1000);
    else if (typeof moment === 'string' && !Number.isNaN(Date.parse(moment))) sandbox.clock.set(Date.parse(moment));
    else throw new ControlError(422, 'one of {"advanceSeconds": n}, {"now": "2026-01-01T00:00:00Z"}, {"reset": true}');
    return now();
  });
}

function faults(app: FastifyInstance, sandbox: ControlWorld): void {
  app.get('/_sandbox/faults', async () => ({ items: sandbox.faults.list() }));
  app.get('/_sandbox/faults/catalogue', async () => sandbox.faults.catalogue);
  app.post('/_sandbox/faults', async (request, reply) =>
    reply.code(201).send(sandbox.faults.add(request.body as FaultInput)),
  );
  app.delete('/_sandbox/faults', async (request, reply) => {
    sandbox.faults.clear((request.query as { provider?: string }).provider);
    return reply.code(204).send();
  });
  app.delete('/_sandbox/faults/:id', async (request, reply) => {
    if (!sandbox.faults.remove((request.params as { id: string }).id)) throw new ControlError(404, 'no such fault');
    return reply.code(204).send();
  });
}

function same(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
