import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createTransport } from 'nodemailer';
import Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { addFault, control, paidSession, sdkFor, sessionParams, startSandbox, submit } from '../testing/harness.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

describe('the control plane', () => {
  it('answers nobody without its token, except about its health', async () => {
    expect((await fetch(`${sandbox.urls.control}/_sandbox/health`)).status).toBe(200);
    for (const authorization of ['', 'Bearer wrong']) {
      const response = await fetch(`${sandbox.urls.control}/_sandbox/stripe/truth`, { headers: { authorization } });
      expect(response.status).toBe(401);
    }
  });

  it('refuses a fault it does not know and a moment that is none', async () => {
    expect((await control(sandbox, 'POST', '/faults', { provider: 'stripe', kind: 'api.magic' })).status).toBe(422);
    expect((await control(sandbox, 'POST', '/faults', { provider: 'paypal', kind: 'hang' })).status).toBe(422);
    expect((await control(sandbox, 'POST', '/faults', { provider: 'fx', kind: 'hang', probability: 2 })).status).toBe(
      422,
    );
    expect((await control(sandbox, 'POST', '/clock', { now: 'tomorrow' })).status).toBe(422);
    expect((await control(sandbox, 'PUT', '/fx/rates', { RUB: -1 })).status).toBe(422);
  });

  it('strikes the same calls again for the same seed', async () => {
    const strikes = async (): Promise<boolean[]> => {
      await control(sandbox, 'POST', '/seed', { seed: 7 });
      await control(sandbox, 'DELETE', '/faults');
      await addFault(sandbox, { provider: 'fx', kind: 'error', probability: 0.5 });
      const statuses: boolean[] = [];
      for (let call = 0; call < 20; call += 1) statuses.push((await fetch(`${sandbox.urls.fx}/v6/latest/USD`)).ok);
      return statuses;
    };
    const first = await strikes();
    expect(new Set(first).size).toBe(2);
    expect(await strikes()).toEqual(first);
  });

  it('forgets everything on reset and tells what happened until then', async () => {
    await paidSession(sandbox);
    const log = (await (await control(sandbox, 'GET', '/log?provider=stripe')).json()) as { items: { what: string }[] };
    expect(log.items.map(({ what }) => what)).toContain('POST /v1/checkout/sessions');
    expect((await control(sandbox, 'POST', '/reset')).status).toBe(204);
    expect((await sdkFor(sandbox).checkout.sessions.list()).data).toEqual([]);
    const accounts = (await (await control(sandbox, 'GET', '/google/accounts')).json()) as { items: object[] };
    expect(accounts.items).toHaveLength(6);
  });
});

describe('the process', () => {
  const dirs: string[] = [];
  const children: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const dir of dirs.splice(0)) await rm(dir, { recursive: true });
  });

  /** Starts `main.ts` as people do and waits for its line. */
  async function run(env: Record<string, string>) {
    const main = resolve(import.meta.dirname, '..', 'main.ts');
    const child = spawn(process.execPath, [main], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    const output = await new Promise<string>((done) => {
      let text = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (text.includes('\n')) done(text);
        });
      }
    });
    return { child, output };
  }

  const FREE = Object.fromEntries(
    ['CONTROL', 'STRIPE', 'GOOGLE', 'FX', 'MAILBOX', 'SMTP'].map((name) => [`SANDBOX_${name}_PORT`, '0']),
  );

  it('keeps payments, keys and mail over kill -9', { timeout: 60_000 }, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'sandbox-'));
    dirs.push(dir);
    const env = { ...FREE, SANDBOX_STATE_DIR: dir, STRIPE_WEBHOOK_URL: '' };
    const first = await run(env);
    const urls = (text: string): { stripe: string; mailbox: string; smtp: string } => ({
      stripe: /stripe (http\S+),/.exec(text)?.[1] ?? '',
      mailbox: /mailbox (http\S+),/.exec(text)?.[1] ?? '',
      smtp: /smtp:\/\/\S+/.exec(text)?.[0] ?? '',
    });
    const sdk = (url: string): Stripe =>
      new Stripe('sk_test_x', {
        protocol: 'http',
        host: '127.0.0.1',
        port: Number(new URL(url).port),
        telemetry: false,
      });
    const before = urls(first.output);
    const session = await sdk(before.stripe).checkout.sessions.create(sessionParams(), { idempotencyKey: 'kept' });
    await submit(`${before.stripe}/c/pay/${session.id}`, { use: '4242424242424242', email: 'a@example.com' });
    await createTransport(before.smtp).sendMail({
      from: 'a@example.com',
      to: 'b@example.com',
      subject: 'kept',
      text: 'kept',
    });
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const second = await run(env);
    const after = urls(second.output);
    try {
      expect((await sdk(after.stripe).checkout.sessions.retrieve(session.id)).payment_status).toBe('paid');
      expect((await sdk(after.stripe).checkout.sessions.create(sessionParams(), { idempotencyKey: 'kept' })).id).toBe(
        session.id,
      );
      const mails = (await (await fetch(`${after.mailbox}/api/mails`)).json()) as { total: number };
      expect(mails.total).toBe(1);
    } finally {
      second.child.kill('SIGTERM');
      expect((await once(second.child, 'exit'))[0]).toBe(0);
    }
  });

  it('names a taken port in one line and ends with 1', { timeout: 60_000 }, async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    const { child, output } = await run({ ...FREE, SANDBOX_FX_PORT: String(port) });
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
    holder.close();
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(output).toContain(String(port));
  });
});
