import { createHmac } from 'node:crypto';
import type { lookup } from 'node:dns';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { webhookEndpoints } from './webhook-endpoint.js';
import { signedHeaders } from './webhook-signature.js';
import { isPublic, WebhookTransport, type WebhookTransportOptions } from './webhook-transport.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A receiver that does as told; how often it was called is counted. */
async function receiver(answer: RequestListener): Promise<{ url: string; calls: () => number }> {
  let calls = 0;
  const server = createServer((request, response) => {
    calls++;
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, calls: () => calls };
}

const post = (url: string, options: Partial<WebhookTransportOptions> = {}) =>
  new WebhookTransport({ allowPrivate: true, ...options }).post(url, '{}', {});
const answering =
  (status: number, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end('said\r\nso');

describe('a call', () => {
  it.each([
    [200, 'sent', undefined],
    [204, 'sent', undefined],
    [400, 'failed', 'message_refused'],
    [410, 'failed', 'message_refused'],
    [422, 'failed', 'message_refused'],
    [401, 'pending', 'temporary'],
    [404, 'pending', 'temporary'],
    [429, 'pending', 'temporary'],
    [500, 'pending', 'temporary'],
    [503, 'pending', 'temporary'],
  ])('that is answered with %i is %s', async (status, state, reason) => {
    const { url } = await receiver(answering(status));
    const outcome = await post(url);
    expect(outcome).toMatchObject({ state, ...(reason && { reason }) });
    if (status !== 204) expect(outcome).toMatchObject({ response: `${status} said so` });
  });

  it('is not followed to where it is redirected', async () => {
    const elsewhere = await receiver(answering(200));
    const { url } = await receiver(answering(307, { location: elsewhere.url }));
    expect(await post(url)).toMatchObject({ state: 'failed', reason: 'redirected' });
    expect(elsewhere.calls()).toBe(0);
  });

  it('of a receiver that hangs, before or in its answer, is given up', async () => {
    const silent = await receiver(() => undefined);
    const endless = await receiver((_, response) => void response.writeHead(200).write('a'));
    for (const { url } of [silent, endless]) {
      expect(await post(url, { timeoutMs: 100 })).toMatchObject({ state: 'pending', reason: 'temporary' });
    }
  });

  it('reads no more of an answer than it keeps', async () => {
    let written = 0;
    const { url } = await receiver((_, response) => {
      response.writeHead(200);
      const more = (): void => {
        if (written > 50_000_000 || response.destroyed) return void response.end();
        written += 65_536;
        response.write('x'.repeat(65_536), more);
      };
      more();
    });
    const outcome = await post(url);
    expect(outcome.state === 'sent' && outcome.response).toBe(`200 ${'x'.repeat(200)}`);
    expect(written).toBeLessThan(50_000_000);
  });

  it('to nobody is tried again', async () => {
    const { url } = await receiver(answering(200));
    await new Promise((resolve) => servers.pop()!.close(resolve));
    expect(await post(url)).toMatchObject({ state: 'pending', reason: 'temporary' });
  });
});

describe('an address', () => {
  const refused = { state: 'failed', reason: 'address_refused' };

  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0/',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://100.64.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://localhost/',
    'http://93.184.215.14/',
  ])('%s is not called', async (url) => {
    expect(await post(url, { allowPrivate: false })).toMatchObject(refused);
  });

  it('that a name has only now is not called, however public it was before', async () => {
    const { url, calls } = await receiver(answering(200));
    const { port } = new URL(url);
    const addresses = [
      [
        { address: '93.184.215.14', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
      '127.0.0.1',
    ];
    for (const answer of addresses) {
      const found = typeof answer === 'string' ? [{ address: answer, family: 4 }] : answer;
      const resolve = ((_name: string, _options: object, done: (error: null, all: object[]) => void) =>
        done(null, found)) as unknown as typeof lookup;
      expect(await post(`https://rebinding.example:${port}/`, { allowPrivate: false, resolve })).toMatchObject(refused);
    }
    expect(calls()).toBe(0);
  });

  it.each(['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'])('%s is public', (address) => {
    expect(isPublic(address)).toBe(true);
  });
});

describe('a signature', () => {
  it('is the one of Standard Webhooks, once for each key', () => {
    const keys = [Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64'), Buffer.alloc(24, 1)];
    const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
    const headers = signedHeaders(id, '{"test": 2432232314}', keys, new Date(1_614_265_330_000));
    const second = createHmac('sha256', keys[1]!).update(`${id}.1614265330.{"test": 2432232314}`).digest('base64');
    expect(headers).toEqual({
      'webhook-id': id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': `v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,${second}`,
    });
  });
});

describe('the list of receivers', () => {
  const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
  const good = { name: 'push', url: 'https://push.example.com/in', secrets: [secret], classes: ['billing'] };
  const parse = (list: unknown) => webhookEndpoints({ desc: 'x' })._parse(JSON.stringify(list));

  it('is read', () => {
    expect(parse([good])).toEqual([{ ...good, secrets: [Buffer.alloc(24, 1)] }]);
  });

  it.each([
    ['no list', {}],
    ['nothing in it', [null]],
    ['a name twice', [good, good]],
    ['a name with a colon', [{ ...good, name: 'a:b' }]],
    ['another protocol', [{ ...good, url: 'file:///etc/passwd' }]],
    ['a password in the address', [{ ...good, url: 'https://a:b@push.example.com' }]],
    ['no secret', [{ ...good, secrets: [] }]],
    ['a short secret', [{ ...good, secrets: ['whsec_c2hvcnQ='] }]],
    ['no class', [{ ...good, classes: [] }]],
    ['the class of campaigns', [{ ...good, classes: ['marketing'] }]],
  ])('with %s is refused, and the secret is not told', (_, list) => {
    expect(() => parse(list)).toThrow(/^(?!.*whsec_AQ)/);
  });
});
