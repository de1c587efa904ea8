import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FaultRule, Faults } from '../core/faults.ts';
import { hang, reset } from '../core/http.ts';
import { dailyXml, dateInForce, errorXml, moscowDay, parseDay } from './bank-of-russia.ts';
import { latestBody, rounded, updateTimes } from './exchange-rate-api.ts';
import type { Rates } from './rates.ts';

const DAY_MS = 86_400_000;

export interface FxWorld {
  rates: Rates;
  faults: Faults;
  apiKey: string;
}

/** Ways both sources can misbehave; `match` `/v6/*` or `/scripts/*` picks one, `value` is the size in brackets. */
export const FX_FAULTS = {
  error: 'an error [status, 500]',
  rate_limit: '429',
  hang: 'no answer',
  slow: 'answers late [ms, 6000]',
  reset: 'connection reset',
  ddos_page: 'an HTML page with status 200',
  truncated: 'the second half of the body is missing',
  stale: 'old rates with their old date [days, 5]',
  future: 'dated ahead [days, 2]',
  missing_rub: 'no rouble (in the XML: no dollar)',
  zero: 'a rate of zero',
  text_number: 'text where a number belongs',
  jump: 'the rouble multiplied [factor, 10]',
  inverse: 'the rouble the wrong way round, 1/x',
  drift: 'all rates moved [percent, 3]',
} as const;

const BLUNT = ['error', 'rate_limit', 'hang', 'slow', 'reset', 'ddos_page'];
const SUBTLE = ['truncated', 'stale', 'future', 'missing_rub', 'zero', 'text_number', 'jump', 'inverse', 'drift'];
const DDOS_PAGE =
  '<!doctype html><html><head><title>DDoS-Guard</title></head><body><h1>Checking your browser before accessing</h1><p>SANDBOX - no real money</p></body></html>';

/** Both rate sources on one port. */
export function fxRoutes(app: FastifyInstance, world: FxWorld): void {
  app.get('/v6/latest/:base', async (request, reply) => latest(world, request, reply, false));
  app.get('/v6/:key/latest/:base', async (request, reply) => {
    const { key } = request.params as { key: string };
    if (world.apiKey !== '' && key !== world.apiKey)
      return reply.code(403).send({ result: 'error', 'error-type': 'invalid-key' });
    return latest(world, request, reply, true);
  });
  app.get('/scripts/XML_daily.asp', async (request, reply) => daily(world, request, reply));
  app.setNotFoundHandler((_request, reply) => reply.code(404).type('text/plain').send('Not Found'));
}

async function latest(
  world: FxWorld,
  request: FastifyRequest,
  reply: FastifyReply,
  keyed: boolean,
): Promise<FastifyReply> {
  if (await bluntly(world, request, reply)) return reply;
  const rule = world.faults.take('fx', SUBTLE, pathOf(request));
  const now = world.rates.now() + shiftMs(rule);
  const perDollar = world.rates.perDollar(now);
  const base = (request.params as { base: string }).base.toUpperCase();
  const unit = perDollar[base];
  if (unit === undefined) return reply.code(404).send({ result: 'error', 'error-type': 'unsupported-code' });
  const rates = Object.entries(perDollar).map(([code, rate]) => [code, code === base ? 1 : rounded(rate / unit)]);
  const spoiled = spoil(Object.fromEntries(rates) as Record<string, number>, 'RUB', base, rule);
  const body = JSON.stringify(latestBody(base, spoiled, updateTimes(Math.floor(now / 1000)), keyed));
  return reply.type('application/json').send(rule?.kind === 'truncated' ? body.slice(0, body.length / 2) : body);
}

async function daily(world: FxWorld, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  if (await bluntly(world, request, reply)) return reply;
  const rule = world.faults.take('fx', SUBTLE, pathOf(request));
  reply.type('application/xml; charset=windows-1251');
  const asked = (request.query as Record<string, string | undefined>)['date_req'];
  const today = moscowDay(world.rates.now());
  const day = asked === undefined ? today : parseDay(asked);
  if (day === undefined) return reply.send(errorXml());
  const inForce = dateInForce(Math.min(day, today)) + shiftMs(rule);
  const perDollar = world.rates.perDollar(inForce);
  const roubles = Object.entries(perDollar).map(([code, rate]) => [code, (perDollar['RUB'] ?? 1) / rate]);
  const xml = dailyXml(inForce, spoil(Object.fromEntries(roubles) as Record<string, number>, 'USD', 'RUB', rule));
  return reply.send(rule?.kind === 'truncated' ? xml.subarray(0, xml.length / 2) : xml);
}

/** Faults that leave no rates at all; true when one answered. */
async function bluntly(world: FxWorld, request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
  const rule = world.faults.take('fx', BLUNT, pathOf(request));
  switch (rule?.kind) {
    case 'error':
      await reply.code(rule.value ?? 500).send({ result: 'error' });
      return true;
    case 'rate_limit':
      await reply.code(429).header('retry-after', '1200').send({ result: 'error', 'error-type': 'quota-reached' });
      return true;
    case 'hang':
      hang(reply);
      return true;
    case 'reset':
      reset(request, reply);
      return true;
    case 'ddos_page':
      await reply.type('text/html; charset=utf-8').send(DDOS_PAGE);
      return true;
    case 'slow':
      await pause(rule.value ?? 6000);
      return false;
    default:
      return false;
  }
}

/** The rates with one of them, `code`, spoiled as the rule says. */
function spoil(
  rates: Record<string, number>,
  code: string,
  base: string,
  rule: FaultRule | undefined,
): Record<string, number | string> {
  const rate = rates[code] ?? 1;
  switch (rule?.kind) {
    case 'missing_rub':
      return Object.fromEntries(Object.entries(rates).filter(([key]) => key !== code));
    case 'zero':
      return { ...rates, [code]: 0 };
    case 'text_number':
      return { ...rates, [code]: 'N/A' };
    case 'jump':
      return { ...rates, [code]: rounded(rate * (rule.value ?? 10)) };
    case 'inverse':
      return { ...rates, [code]: rounded(1 / rate) };
    case 'drift': {
      const factor = 1 + (rule.value ?? 3) / 100;
      return Object.fromEntries(
        Object.entries(rates).map(([key, value]) => [key, key === base ? value : rounded(value * factor)]),
      );
    }
    default:
      return rates;
  }
}

function shiftMs(rule: FaultRule | undefined): number {
  if (rule?.kind === 'stale') return -(rule.value ?? 5) * DAY_MS;
  return rule?.kind === 'future' ? (rule.value ?? 2) * DAY_MS : 0;
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '';
}
