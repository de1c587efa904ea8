import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { vi } from 'vitest';
import { compiledModules } from '#libs/testing';

const BUILT = join(import.meta.dirname, '../../../../dist/apps/billing/src');

/** The built service as a process of its own, which a test may kill. */
export class BillingProcess {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts the service and waits until it answers. */
  static async start(environment: Record<string, string>): Promise<BillingProcess> {
    const child = spawn(process.execPath, [join(BUILT, 'main.js')], {
      env: { ...compiledModules(), ...environment },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const address = `${environment['BILLING_PUBLIC_URL']}/health/live`;
    await vi.waitUntil(
      async () => {
        if (child.exitCode !== null) throw new Error(`billing ended with ${child.exitCode}`);
        return fetch(address).then(
          (answer) => answer.ok,
          () => false,
        );
      },
      { timeout: 60_000, interval: 100 },
    );
    return new BillingProcess(child);
  }

  /** Ends it at once: nothing is finished, nothing is said. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill(signal);
    await once(this.child, 'exit');
  }
}

/** Runs a command of the built service to its end. */
export async function runBillingCommand(environment: Record<string, string>, ...command: string[]): Promise<void> {
  const child = spawn(process.execPath, [join(BUILT, 'cli.js'), ...command], {
    env: { ...compiledModules(), ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`billing ${command.join(' ')} ended with ${code}`);
}
