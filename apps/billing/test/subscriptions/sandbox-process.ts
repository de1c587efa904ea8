import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { compiledModules } from '#libs/testing';

const MAIN = join(import.meta.dirname, '../../../../tools/sandbox/main.ts');
const CARD = { email: 'viewer@example.com', expiry: '12/40', cvc: '123', name: 'V. Viewer' };

/** The provider sandbox as a process of its own, on free ports. */
export class SandboxProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly stripeUrl: string,
    readonly ratesUrl: string,
    readonly controlUrl: string,
  ) {}

  static async start(webhookUrl: string, settings: Record<string, string> = {}): Promise<SandboxProcess> {
    const [control, stripe, google, fx, mailbox, smtp] = await freePorts(6);
    const child = spawn(process.execPath, [MAIN], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...compiledModules(),
        SANDBOX_CONTROL_PORT: `${control}`,
        SANDBOX_STRIPE_PORT: `${stripe}`,
        SANDBOX_GOOGLE_PORT: `${google}`,
        SANDBOX_FX_PORT: `${fx}`,
        SANDBOX_MAILBOX_PORT: `${mailbox}`,
        SANDBOX_SMTP_PORT: `${smtp}`,
        STRIPE_WEBHOOK_URL: webhookUrl,
        ...settings,
      },
    });
    // It speaks once, when it is ready; a failed start ends the process instead.
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => Promise.reject(new Error('the sandbox did not start'))),
    ]);
    const at = (port: number | undefined) => `http://127.0.0.1:${port}`;
    return new SandboxProcess(child, at(stripe), at(fx), at(control));
  }

  /** Pays on the Checkout page, as a person in a browser would. */
  async pay(checkoutUrl: string, cardNumber = '4242424242424242'): Promise<Response> {
    const body = new URLSearchParams({ ...CARD, card_number: cardNumber, action: 'pay' });
    return fetch(checkoutUrl, { method: 'POST', body, redirect: 'manual' });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }
}

/** Ports nobody listens on, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
