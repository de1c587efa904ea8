import { Controller, Get, Module, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { plainAddress } from './client-address.js';
import { createService } from './service.js';

@Controller('address')
class AddressController {
  @Get()
  address(@Req() { ip }: { ip: string }): { ip: string } {
    return { ip };
  }
}

@Module({ controllers: [AddressController] })
class AddressModule {}

async function start(trustProxy: string[]): Promise<NestFastifyApplication> {
  const app = await createService(AddressModule, {
    name: 'address',
    description: 'Says who asks',
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

const PROXY = '10.0.0.1';
const LONG = 'x'.repeat(10_240);

async function addressOf(app: NestFastifyApplication, forwarded?: string, remoteAddress = PROXY): Promise<unknown> {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const answer = await app.inject({ url: '/address', remoteAddress, headers });
  return [answer.statusCode, answer.json<{ ip: string }>().ip];
}

describe("a client's address", () => {
  it.each([
    ['an address', '1.2.3.4', '1.2.3.4'],
    ['a port', '1.2.3.4:5678', '1.2.3.4'],
    ['IPv6', '2001:db8::1', '2001:db8::1'],
    ['IPv6 with a port', '[2001:db8::1]:443', '2001:db8::1'],
    ['IPv6 in brackets', '[2001:db8::1]', '2001:db8::1'],
    ['another spelling of IPv6', '2001:0DB8:0:0::1', '2001:db8::1'],
    ['IPv4 in IPv6', '::ffff:1.2.3.4', '1.2.3.4'],
    ['IPv4 in IPv6 in hexadecimal', '[::FFFF:102:304]:443', '1.2.3.4'],
    ['a zone', 'fe80::1%eth0', 'fe80::1'],
    ['a zone in brackets', '[fe80::1%25eth0]:443', 'fe80::1'],
    ['a word', 'unknown', PROXY],
    ['nothing', '', PROXY],
    ['commas', ' , ,', PROXY],
    ['a long text', LONG, PROXY],
    ['a half address', '1.2.3', PROXY],
    ['a port that is none', '1.2.3.4:x', PROXY],
    ['a network', '1.2.3.0/24', PROXY],
    ['junk before the address', `unknown, ${LONG}, ';--, 1.2.3.4:80`, '1.2.3.4'],
    ['junk where a proxy of ours would tell', '1.2.3.4, unknown', PROXY],
    ['a proxy of ours with a port', '1.2.3.4:5678, 10.0.0.2:443', '1.2.3.4'],
    ['junk before a proxy of ours', '1.2.3.4, unknown, 10.0.0.2:443', '10.0.0.2'],
  ])('is plain when a trusted proxy writes %s', async (_name, forwarded, ip) => {
    expect(await addressOf(await start(['10.0.0.0/8']), forwarded)).toEqual([200, ip]);
  });

  it.each([[], ['10.0.0.9']])(
    'is the one of a connection that is not trusted, whatever it claims',
    async (...trusted) => {
      const app = await start(trusted);
      for (const forwarded of [
        '1.2.3.4',
        '1.2.3.4:5678',
        '[2001:db8::1]:443',
        'unknown',
        LONG,
        '',
        '1.2.3.4, 10.0.0.9',
      ])
        expect(await addressOf(app, forwarded)).toEqual([200, PROXY]);
    },
  );

  it('is none when the connection is gone', () => {
    expect(plainAddress(undefined)).toBeUndefined();
  });

  it.each([
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('is plain when the connection tells it: %s', async (remote, ip) => {
    expect(await addressOf(await start([]), undefined, remote)).toEqual([200, ip]);
    expect(await addressOf(await start(['10.0.0.0/8']), undefined, remote)).toEqual([200, ip]);
  });
});
