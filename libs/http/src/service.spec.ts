import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Module, Param, Post, Query } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IsInt, IsObject, IsOptional, IsString, Length } from 'class-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Public } from '#libs/access';
import { DomainError } from '#libs/errors';
import { requestContext } from '#libs/telemetry';
import { HealthModule } from './health.module.js';
import { createService } from './service.js';
import { Uuid, UuidPipe } from './uuid.js';

class EchoDto {
  @IsString()
  @Length(1, 10)
  name!: string;

  @IsInt()
  amount!: number;

  @IsOptional()
  @IsObject()
  features?: Record<string, unknown>;
}

class EchoIdDto {
  @IsOptional()
  @Uuid()
  id?: string;

  @IsOptional()
  @IsString()
  text?: string;
}

@Public()
@Controller('echo')
class EchoController {
  @Post()
  echo(@Body() body: EchoDto): EchoDto {
    return body;
  }

  @Get('context')
  context(): { requestId: string | undefined } {
    return { requestId: requestContext.requestId() };
  }

  @Get('ids/:id')
  id(@Param('id', UuidPipe) id: string, @Query() { id: other }: EchoIdDto): string[] {
    return [id, other ?? ''];
  }

  @Get('taken')
  taken(): never {
    throw new DomainError('echo.taken', 'conflict', 'Taken.', { meta: { by: 'someone' } });
  }

  @Get('broken')
  broken(): never {
    throw new Error('password=hunter2');
  }
}

const dependency = { works: true, optional: true };

@Module({
  imports: [
    HealthModule.forRootAsync({
      useFactory: () => [
        {
          name: 'store',
          critical: true,
          check: () => (dependency.works ? Promise.resolve() : Promise.reject(new Error('down'))),
        },
        {
          name: 'broker',
          critical: false,
          check: () => (dependency.optional ? Promise.resolve() : new Promise(() => {})),
        },
      ],
    }),
  ],
  controllers: [EchoController],
  providers: [{ provide: APP_GUARD, useValue: { canActivate: () => true } }],
})
class EchoModule {}

describe('a service', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await createService(EchoModule, {
      name: 'echo',
      description: 'Says what it hears',
      publicUrl: 'http://localhost',
      logLevel: 'silent',
      corsOrigins: ['https://shop.example'],
      trustProxy: [],
    });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  });

  afterAll(() => app.close());

  const post = (payload: string | object, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url: '/echo', payload, headers: { 'content-type': 'application/json', ...headers } });

  it('answers a valid request', async () => {
    const answer = await post({ name: 'a', amount: 1 });
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toEqual({ name: 'a', amount: 1 });
  });

  it('takes a valid request id and gives it back, in the context too', async () => {
    const answer = await app.inject({ url: '/echo/context', headers: { 'x-request-id': 'abc-1' } });
    expect(answer.headers['x-request-id']).toBe('abc-1');
    expect(answer.json()).toEqual({ requestId: 'abc-1' });
  });

  it('generates a request id when none, or a harmful one, is given', async () => {
    const uuid = /^[0-9a-f-]{36}$/;
    expect((await app.inject('/echo/context')).headers['x-request-id']).toMatch(uuid);
    const harmful = await app.inject({ url: '/echo/context', headers: { 'x-request-id': '<script>' } });
    expect(harmful.headers['x-request-id']).toMatch(uuid);
  });

  it('names every fault of a body as a 422 problem', async () => {
    const answer = await post({ name: '', amount: 'x', role: 'admin' });
    expect(answer.statusCode).toBe(422);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const fields = answer.json<{ errors: { field: string }[] }>().errors.map(({ field }) => field);
    expect(new Set(fields)).toEqual(new Set(['name', 'amount', 'role']));
  });

  it.each([
    ['NUL', String.raw`{"name":"a\u0000","amount":1}`, 'name'],
    ['half a surrogate pair', String.raw`{"name":"a\ud800","amount":1}`, 'name'],
    ['NUL deep within', String.raw`{"name":"a","amount":1,"features":{"a":[{"b":"\u0000"}]}}`, 'features.a.0.b'],
    ['NUL in the name of a field', String.raw`{"name":"a","amount":1,"features":{"\u0000":1}}`, 'features.\\u0000'],
  ])('refuses a text with %s, which no store takes, naming the field', async (_name, payload, field) => {
    const answer = await post(payload);
    expect(answer.statusCode).toBe(422);
    const { errors } = answer.json<{ errors: { field: string }[] }>();
    expect(errors.map((error) => error.field)).toEqual([field]);
  });

  it.each([
    ['%00', 'id', `/echo/ids/%00`],
    ['a query with NUL', 'text', `/echo/ids/${randomUUID()}?text=a%00`],
  ])('refuses %s', async (_name, field, url) => {
    const answer = await app.inject(url);
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({ errors: [{ field }] });
  });

  it('takes any other character, in pairs of surrogates too', async () => {
    const name = '\u0001\u{1f600}\ufffe';
    expect((await post({ name, amount: 1 })).json()).toEqual({ name, amount: 1 });
  });

  it('refuses a body that is nested too deeply', async () => {
    const depth = 20_000;
    const answer = await post(`{"name":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({ errors: [{ field: 'body' }] });
  });

  it('reads ids in large letters as the same ids', async () => {
    const ids = [randomUUID(), randomUUID()];
    const [path, query] = ids.map((id) => id.toUpperCase());
    expect((await app.inject(`/echo/ids/${path}?id=${query}`)).json()).toEqual(ids);
    expect((await app.inject(`/echo/ids/${path}?id=x`)).json()).toMatchObject({ errors: [{ field: 'id' }] });
    expect((await app.inject(`/echo/ids/x`)).statusCode).toBe(400);
  });

  it.each([
    ['broken JSON', '{"name":', {}, 400],
    ['a prototype in the body', '{"__proto__":{"admin":true},"name":"a","amount":1}', {}, 400],
    ['another content type', 'name=a', { 'content-type': 'text/csv' }, 415],
    ['a body over the limit', JSON.stringify({ name: 'a'.repeat(300_000) }), {}, 413],
    ['an empty body', '', {}, 400],
  ])('refuses %s as a problem', async (_name, payload, headers, status) => {
    const answer = await post(payload, headers as Record<string, string>);
    expect(answer.statusCode).toBe(status);
    expect(answer.json<{ status: number }>().status).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  it('gives an unknown route the code route.not_found', async () => {
    const answer = await app.inject('/nowhere');
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'route.not_found' });
  });

  it('keeps the code and facts of a domain error', async () => {
    const answer = await app.inject('/echo/taken');
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'echo.taken', by: 'someone' });
  });

  it('tells nothing about an unexpected error', async () => {
    const answer = await app.inject('/echo/broken');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('hunter2');
  });

  it('sets the security headers on every answer, errors included', async () => {
    for (const url of ['/echo/context', '/nowhere', '/echo/broken']) {
      const { headers } = await app.inject(url);
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    }
  });

  it('lets only configured origins read answers', async () => {
    const preflight = (origin: string) =>
      app.inject({ method: 'OPTIONS', url: '/echo', headers: { origin, 'access-control-request-method': 'POST' } });
    const allowed = await preflight('https://shop.example');
    expect(allowed.headers['access-control-allow-origin']).toBe('https://shop.example');
    for (const origin of ['https://evil.example', 'null', 'https://shop.example.evil.com']) {
      expect((await preflight(origin)).headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('is ready, degraded or unavailable as its dependencies are', async () => {
    expect((await app.inject('/health/ready')).json()).toMatchObject({ status: 'ok' });
    dependency.optional = false;
    const degraded = await app.inject('/health/ready');
    expect(degraded.statusCode).toBe(200);
    expect(degraded.json()).toEqual({ status: 'degraded', checks: { store: 'ok', broker: 'failed' } });
    dependency.works = false;
    expect((await app.inject('/health/ready')).statusCode).toBe(503);
    expect((await app.inject('/health/live')).statusCode).toBe(200);
  });

  it('publishes its OpenAPI document and metrics', async () => {
    expect((await app.inject('/docs-json')).json<{ paths: object }>().paths).toHaveProperty('/echo');
    expect((await app.inject('/docs')).statusCode).toBe(200);
    expect((await app.inject('/metrics')).body).toContain(
      'http_request_duration_seconds_count{method="GET",route="/echo/context"',
    );
  });
});
