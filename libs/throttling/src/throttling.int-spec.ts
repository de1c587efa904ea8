import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { Controller, Get, HttpCode, Module, Post, type Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Public } from '#libs/access';
import { createService } from '#libs/http';
import { testRedisUrl, uniqueName } from '#libs/testing';
import { FallbackThrottlerStorage } from './fallback.storage.js';
import { Limits } from './limits.decorator.js';
import { ThrottlingModule } from './throttling.module.js';

@Public()
@Controller()
class DoorController {
  @Post('sign-in')
  @HttpCode(200)
  @Limits({ pair: { limit: 4, seconds: 60 }, identifier: { limit: 6, seconds: 60 } })
  signIn(): { ok: true } {
    return { ok: true };
  }

  @Get('list')
  @Limits({ ip: { limit: 4, seconds: 60 } })
  list(): { ok: true } {
    return { ok: true };
  }

  @Get('front')
  @Limits({ ip: { limit: 4, seconds: 60 } }, 'house')
  front(): { ok: true } {
    return { ok: true };
  }

  @Get('back')
  @Limits({ ip: { limit: 4, seconds: 60 } }, 'house')
  back(): { ok: true } {
    return { ok: true };
  }

  @Get('free')
  free(): { ok: true } {
    return { ok: true };
  }
}

function moduleOn(redisUrl: string, timeoutMs: number | undefined, name: string): Type<unknown> {
  @Module({
    imports: [ThrottlingModule.forRootAsync({ useFactory: () => ({ redisUrl, app: name, timeoutMs }) })],
    controllers: [DoorController],
  })
  class DoorModule {}
  return DoorModule;
}

/** What Redis may take where the test is about counting, not about a slow Redis: the machine may be busy. */
const PATIENT_MS = 10_000;

async function start(
  redisUrl: string,
  {
    trustProxy = ['127.0.0.1'],
    timeoutMs,
    name = uniqueName('limits'),
  }: { trustProxy?: string[]; timeoutMs?: number; name?: string } = {},
): Promise<NestFastifyApplication> {
  const app = await createService(moduleOn(redisUrl, timeoutMs, name), {
    name: 'door',
    description: 'A door',
    publicUrl: 'http://localhost',
    logLevel: 'silent',
    corsOrigins: [],
    trustProxy,
  });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  onTestFinished(() => app.close());
  return app;
}

const signIn = (app: NestFastifyApplication, email: string, ip = '203.0.113.1') =>
  app.inject({ method: 'POST', url: '/sign-in', payload: { email }, headers: { 'x-forwarded-for': ip } });

const statuses = async (requests: Promise<{ statusCode: number }>[]) =>
  (await Promise.all(requests)).map(({ statusCode }) => statusCode);

const count = (all: number[], status: number) => all.filter((one) => one === status).length;

describe('limits counted in Redis', () => {
  let app: NestFastifyApplication;

  beforeEach(async () => {
    app = await start(testRedisUrl(), { timeoutMs: PATIENT_MS });
  });

  it('admit exactly the limit of 1,000 parallel attempts over two instances, by the pair and by the account', async () => {
    const name = uniqueName('limits');
    const [one, two] = [
      await start(testRedisUrl(), { timeoutMs: PATIENT_MS, name }),
      await start(testRedisUrl(), { timeoutMs: PATIENT_MS, name }),
    ];
    const attempts = (ipOf: (attempt: number) => string, email: string): Promise<number[]> =>
      statuses(Array.from({ length: 1_000 }, (_, i) => signIn(i % 2 ? one : two, email, ipOf(i))));
    const fromOnePlace = await attempts(() => '203.0.113.1', 'a@example.com');
    expect([count(fromOnePlace, 200), count(fromOnePlace, 429)]).toEqual([4, 996]);
    const fromEverywhere = await attempts((i) => `10.0.${i >> 8}.${i & 255}`, 'aa@example.com');
    expect([count(fromEverywhere, 200), count(fromEverywhere, 429)]).toEqual([6, 994]);
  });

  it('answer 429 as a problem with Retry-After', async () => {
    for (let i = 0; i < 4; i += 1) await signIn(app, 'b@example.com');
    const refused = await signIn(app, 'b@example.com');
    expect(refused.statusCode).toBe(429);
    expect(refused.json()).toMatchObject({ code: 'request.too_many' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('count one account over many addresses, and spellings of it as one', async () => {
    const spellings = ['c@bücher.example', 'C@BÜCHER.example ', 'c@xn--bcher-kva.example'];
    const all = await statuses(Array.from({ length: 12 }, (_, i) => signIn(app, spellings[i % 3]!, `203.0.113.${i}`)));
    expect(count(all, 200)).toBe(6);
  });

  it('keep one account apart from another', async () => {
    for (let i = 0; i < 5; i += 1) await signIn(app, 'd@example.com');
    expect((await signIn(app, 'e@example.com')).statusCode).toBe(200);
  });

  it('count an IPv6 network of 64 bits as one caller', async () => {
    const list = (ip: string) => app.inject({ url: '/list', headers: { 'x-forwarded-for': ip } });
    const all = await statuses(Array.from({ length: 8 }, (_, i) => list(`2001:db8:1:2::${i + 1}`)));
    expect(count(all, 200)).toBe(4);
    expect((await list('2001:db8:1:3::1')).statusCode).toBe(200);
  });

  it('count routes of one name together, each caller by itself, and no other route with them', async () => {
    const from = (url: string, ip: string) => app.inject({ url, headers: { 'x-forwarded-for': ip } });
    const urls = Array.from({ length: 10 }, (_, i) => (i % 2 ? '/front' : '/back'));
    expect(count(await statuses(urls.map((url) => from(url, '203.0.113.7'))), 200)).toBe(4);
    for (const url of ['/front', '/back']) expect((await from(url, '203.0.113.7')).statusCode).toBe(429);
    expect((await from('/list', '203.0.113.7')).statusCode).toBe(200);
    expect((await from('/front', '203.0.113.8')).statusCode).toBe(200);
  });

  it('leave a route without the decorator alone', async () => {
    const all = await statuses(Array.from({ length: 50 }, () => app.inject('/free')));
    expect(count(all, 200)).toBe(50);
  });
});

describe('a caller who is not behind a trusted proxy', () => {
  it('cannot choose an address with X-Forwarded-For', async () => {
    const app = await start(testRedisUrl(), { trustProxy: [], timeoutMs: PATIENT_MS });
    const all = await statuses(
      Array.from({ length: 8 }, (_, i) =>
        app.inject({ url: '/list', headers: { 'x-forwarded-for': `198.51.100.${i}` } }),
      ),
    );
    expect(count(all, 200)).toBe(4);
  });
});

describe('callers behind trusted proxies', () => {
  const list = (app: NestFastifyApplication, forwarded?: string, remoteAddress = '127.0.0.1') =>
    app.inject({
      url: '/list',
      remoteAddress,
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    });
  const spend = async (app: NestFastifyApplication, forwarded?: string, remoteAddress?: string): Promise<number> =>
    count(await statuses(Array.from({ length: 8 }, () => list(app, forwarded, remoteAddress))), 200);

  it('are known by the last address no proxy of ours wrote, whatever stands before it', async () => {
    const app = await start(testRedisUrl(), { trustProxy: ['127.0.0.1', '10.0.0.0/8'], timeoutMs: PATIENT_MS });
    const forged = await statuses(
      Array.from({ length: 8 }, (_, i) => list(app, `198.51.100.${i}, 203.0.113.9, 10.1.2.3`)),
    );
    expect(count(forged, 200)).toBe(4);
    expect((await list(app, '203.0.113.9')).statusCode).toBe(429);
    expect((await list(app, '203.0.113.10, 10.1.2.3')).statusCode).toBe(200);
  });

  it('are one caller in IPv4 and as IPv4 in IPv6, and no such two share a count', async () => {
    const app = await start(testRedisUrl(), {
      trustProxy: ['127.0.0.1', '::ffff:127.0.0.1'],
      timeoutMs: PATIENT_MS,
    });
    expect(await spend(app, '::ffff:203.0.113.20', '::ffff:127.0.0.1')).toBe(4);
    expect((await list(app, '203.0.113.20')).statusCode).toBe(429);
    expect((await list(app, '::ffff:cb00:7114')).statusCode).toBe(429);
    expect((await list(app, '::ffff:203.0.113.21')).statusCode).toBe(200);
  });

  it('have one count whatever port, zone or brackets the proxy writes with their address, and none of their own without one', async () => {
    const app = await start(testRedisUrl(), { timeoutMs: PATIENT_MS });
    const admitted = async (spelling: (i: number) => string): Promise<number> =>
      count(await statuses(Array.from({ length: 8 }, (_, i) => list(app, spelling(i)))), 200);
    expect(await admitted((i) => `203.0.113.40:${1_000 + i}`)).toBe(4);
    expect((await list(app, '203.0.113.40')).statusCode).toBe(429);
    expect(await admitted((i) => `[2001:db8:9::1]:${1_000 + i}`)).toBe(4);
    expect(await admitted((i) => `fe80::1%eth${i}`)).toBe(4);
    expect(await admitted((i) => `unknown${i}`)).toBe(4);
    expect(await admitted((i) => `203.0.113.${50 + i}, unknown`)).toBe(0);
  });

  it('are counted by the connection when no proxy says who they are, each by its own', async () => {
    const app = await start(testRedisUrl(), { timeoutMs: PATIENT_MS });
    expect(await spend(app, undefined, '203.0.113.30')).toBe(4);
    expect((await list(app, undefined, '203.0.113.31')).statusCode).toBe(200);
  });
});

describe('limits without Redis', () => {
  let frozen: Server;

  beforeEach(() => {
    frozen = createServer(() => {});
    return new Promise<void>((resolve) => frozen.listen(0, '127.0.0.1', resolve));
  });

  afterEach(() => void frozen.close());

  it('are half as wide while Redis is down', async () => {
    const app = await start('redis://127.0.0.1:1');
    const all = await statuses(Array.from({ length: 20 }, () => signIn(app, 'f@example.com')));
    expect(count(all, 200)).toBe(2);
    expect(count(all, 429)).toBe(18);
  });

  it('are half as wide while Redis is frozen, and no request waits for it long', async () => {
    const app = await start(`redis://127.0.0.1:${(frozen.address() as AddressInfo).port}`);
    const began = performance.now();
    const all = await statuses(Array.from({ length: 20 }, () => signIn(app, 'g@example.com')));
    expect(count(all, 200)).toBe(2);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('limits while Redis comes and goes', () => {
  /** A way to Redis that can be cut and mended. */
  class Line {
    private readonly sockets = new Set<Socket>();
    private open = true;
    private readonly server = createServer((caller) => {
      if (!this.open) return void caller.destroy();
      const { hostname, port } = new URL(testRedisUrl());
      const redis = connect(Number(port), hostname);
      for (const socket of [caller, redis]) this.sockets.add(socket.on('error', () => undefined));
      pipeline(caller, redis, caller, () => undefined);
    });

    async url(): Promise<string> {
      await once(this.server.listen(0, '127.0.0.1'), 'listening');
      return `redis://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    cut(): void {
      this.open = false;
      for (const socket of this.sockets) socket.destroy();
    }

    mend(): void {
      this.open = true;
    }

    end(): void {
      this.cut();
      this.server.close();
    }
  }

  it('let one process admit no more than the whole limit', async () => {
    const line = new Line();
    const storage = new FallbackThrottlerStorage(await line.url(), uniqueName('limits'), PATIENT_MS);
    onTestFinished(() => {
      storage.onApplicationShutdown();
      line.end();
    });
    await storage.connect();
    const limit = 10;
    const ask = (key: string) => storage.increment(key, 60_000, limit, 60_000, 'ip');
    const admitted = async (key: string) =>
      count(
        (await Promise.all(Array.from({ length: 20 }, () => ask(key)))).map(({ isBlocked }) => Number(isBlocked)),
        0,
      );

    expect(await admitted('before')).toBe(limit);
    line.cut();
    await vi.waitFor(async () => expect((await ask('lost')).isBlocked).toBe(true), 5_000);
    expect(await admitted('before')).toBe(0);
    expect(await admitted('during')).toBe(limit / 2);
    line.mend();
    await vi.waitFor(async () => expect((await ask('during')).isBlocked).toBe(false), {
      timeout: 10_000,
      interval: 50,
    });
    expect(await admitted('during')).toBe(limit / 2 - 1);
    expect(await admitted('after')).toBe(limit);
  });

  it('start anew when their time is over', async () => {
    const storage = new FallbackThrottlerStorage(testRedisUrl(), uniqueName('limits'), PATIENT_MS);
    onTestFinished(() => storage.onApplicationShutdown());
    await storage.connect();
    const ask = () => storage.increment('key', 1_000, 2, 1_000, 'ip');
    const first = await Promise.all([ask(), ask(), ask()]);
    expect(first.map(({ isBlocked }) => isBlocked)).toEqual([false, false, true]);
    await vi.waitFor(async () => expect((await ask()).isBlocked).toBe(false), { timeout: 5_000, interval: 50 });
    expect((await ask()).isBlocked).toBe(false);
    expect((await ask()).isBlocked).toBe(true);
  });
});
