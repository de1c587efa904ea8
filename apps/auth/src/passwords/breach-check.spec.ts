import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderMetrics } from '#libs/telemetry';
import type { AuthConfig } from '../auth.config.js';
import { BreachCheck } from './breach-check.service.js';

const PASSWORD = 'known from a breach';
const digest = createHash('sha1').update(PASSWORD).digest('hex').toUpperCase();
const [prefix, suffix] = [digest.slice(0, 5), digest.slice(5)];
const other = 'A'.repeat(35);

let server: Server;
let url: string;
let asked: IncomingMessage[];
let answer: (reply: ServerResponse) => void;

beforeEach(async () => {
  asked = [];
  server = createServer((request, reply) => {
    asked.push(request);
    answer(reply);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/range`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const check = (password = PASSWORD): Promise<boolean> =>
  new BreachCheck({ BREACH_CHECK_URL: url } as AuthConfig).isBreached(password);
const unavailable = async (): Promise<number> =>
  Number(/auth_breach_checks_total\{outcome="unavailable"\} (\d+)/.exec((await renderMetrics()).body)?.[1] ?? 0);

describe('the breach check', () => {
  it('finds a password by its suffix and tells the service five digits of the hash, nothing more', async () => {
    answer = (reply) => reply.end(`${other}:3\r\n${suffix}:17`);
    expect(await check()).toBe(true);
    expect(asked.map(({ method, url: path }) => [method, path])).toEqual([['GET', `/range/${prefix}`]]);
    expect(asked[0]!.headers['add-padding']).toBe('true');
    const sent = JSON.stringify([asked[0]!.rawHeaders, asked[0]!.url]).toUpperCase();
    expect(sent).not.toContain(suffix.slice(0, 4));
  });

  it('finds the same password typed in another normal form', async () => {
    const typed = 'cafe\u0301 after the breach';
    const kept = createHash('sha1').update(typed.normalize('NFKC')).digest('hex').slice(5);
    answer = (reply) => reply.end(`${kept}:1`);
    expect(await check(typed)).toBe(true);
  });

  it('takes padding, whose count is 0, for no find', async () => {
    answer = (reply) => reply.end(`${other}:3\r\n${suffix}:0`);
    expect(await check()).toBe(false);
  });

  it.each<[string, (reply: ServerResponse) => void]>([
    ['is down', (reply) => reply.destroy()],
    ['answers 503', (reply) => reply.writeHead(503).end(`${suffix}:17`)],
    ['sends elsewhere', (reply) => reply.writeHead(302, { location: url }).end()],
    ['answers with a page', (reply) => reply.end(`<html>${suffix}:17</html>`)],
    ['answers without end', (reply) => reply.end(`${suffix}:17\r\n`.repeat(20_000))],
    ['never answers', () => undefined],
    ['never ends its answer', (reply) => void reply.write(`${suffix}:17`)],
  ])('lets the password pass, and counts it, when the service %s', async (_case, behaviour) => {
    answer = behaviour;
    const before = await unavailable();
    const startedAt = performance.now();
    expect(await check()).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(await unavailable()).toBe(before + 1);
    expect(asked).toHaveLength(1);
  });

  it('asks nobody without an address', async () => {
    answer = (reply) => reply.end(`${suffix}:17`);
    expect(await new BreachCheck({ BREACH_CHECK_URL: undefined } as AuthConfig).isBreached(PASSWORD)).toBe(false);
    expect(asked).toEqual([]);
  });
});
