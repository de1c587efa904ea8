import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker, type WorkerOptions } from '../../tools/bench/worker.ts';
import { asUser } from '../../tools/local/os-user.ts';
import { freePort } from '../../tools/local/ports.ts';
import { type RabbitOptions, type RunningRabbit, startRabbit } from '../../tools/local/stores/rabbit.ts';
import { EventsLab } from './events-lab.js';

type Role = 'relay' | 'consumer' | 'producer';

interface Counts {
  published: Record<string, number>;
  consumed: Record<string, number>;
}

/** Processes of the event flow around one database and one broker, and the books about them. */
export class Campaign {
  private readonly workers = new Map<string, Worker>();
  private readonly counts = new Map<Worker, Counts>();
  private readonly directory = mkdtempSync(join(tmpdir(), 'campaign-'));
  private readonly counting = setInterval(() => this.workers.forEach((worker) => void this.count(worker)), 200);

  private constructor(
    readonly lab: EventsLab,
    private readonly urls: string[],
    private readonly settings: Record<string, unknown>,
  ) {}

  static async open(urls?: string[], settings: Record<string, unknown> = {}): Promise<Campaign> {
    const lab = await EventsLab.open(urls?.[0]);
    return new Campaign(lab, urls ?? [lab.rabbitUrl], {
      retryDelaysMs: [100, 200],
      confirmTimeoutMs: 2_000,
      ...settings,
    });
  }

  /** Starts the process called `name`, in place of an earlier one of that name. */
  async start(name: string, role: Role): Promise<Worker> {
    const options: WorkerOptions = {
      databaseUrl: this.lab.databaseUrl,
      // A producer writes its outbox and leaves the publishing to others.
      urls: role === 'producer' ? ['amqp://127.0.0.1:1'] : this.urls,
      namespace: this.lab.namespace,
      consume: role === 'consumer',
      relay: role !== 'consumer',
      settings: this.settings,
    };
    const worker = await Worker.start(options, join(this.directory, `${name}.log`));
    this.workers.set(name, worker);
    return worker;
  }

  /** Kills the process as `kill -9` does; one that is kept alive comes back. */
  async kill(name: string): Promise<void> {
    await this.workers.get(name)?.kill('SIGKILL');
  }

  /** Kills the process as `kill -9` does and starts another in its place. */
  async replace(name: string, role: Role): Promise<void> {
    const worker = this.workers.get(name);
    if (worker) await this.count(worker);
    await worker?.kill('SIGKILL');
    await this.start(name, role);
  }

  /** Starts the process again whenever it dies, until the campaign is closed; returns how often that was. Calls `onBack` each time. */
  keepAlive(name: string, role: Role, onBack: () => void = () => undefined): { deaths: number } {
    const record = { deaths: 0 };
    const watch = async (): Promise<void> => {
      for (let worker = this.workers.get(name); worker;) {
        await worker.gone;
        if (this.workers.get(name) !== worker) return;
        record.deaths++;
        worker = await this.startAgain(name, role, record);
        onBack();
      }
    };
    void watch();
    return record;
  }

  /** A message may kill the process before it has said that it is ready. */
  private async startAgain(name: string, role: Role, record: { deaths: number }): Promise<Worker> {
    for (;;) {
      try {
        return await this.start(name, role);
      } catch {
        record.deaths++;
      }
    }
  }

  /** Remembers a worker's counters: what it counted after the last call dies with it. */
  private async count(worker: Worker): Promise<void> {
    const counts = await Promise.race([worker.ask<Counts>('counts').catch(() => undefined), worker.gone]);
    if (counts) this.counts.set(worker, counts);
  }

  /** Sums over all processes that ever ran. */
  async totals(): Promise<Counts> {
    await Promise.all([...this.workers.values()].map((worker) => this.count(worker)));
    const totals: Counts = { published: {}, consumed: {} };
    for (const counts of this.counts.values()) {
      for (const kind of ['published', 'consumed'] as const) {
        for (const [label, value] of Object.entries(counts[kind]))
          totals[kind][label] = (totals[kind][label] ?? 0) + value;
      }
    }
    return totals;
  }

  /** Compares what was committed with what took effect. */
  async books(): Promise<{
    committed: number;
    sent: number;
    effects: number;
    lost: number;
    doubled: number;
    inbox: number;
  }> {
    const { sql } = this.lab;
    const one = async (query: string): Promise<number> => Number((await sql.query<{ n: string }>(query)).rows[0]?.n);
    return {
      committed: await one('SELECT count(*) AS n FROM outbox'),
      sent: await one('SELECT count(*) AS n FROM outbox WHERE sent_at IS NOT NULL'),
      effects: await one('SELECT count(*) AS n FROM effects'),
      inbox: await one('SELECT count(*) AS n FROM inbox JOIN outbox USING (message_id)'),
      lost: await one('SELECT count(*) AS n FROM outbox WHERE message_id NOT IN (SELECT message_id FROM effects)'),
      doubled: await one('SELECT count(*) - count(DISTINCT message_id) AS n FROM effects'),
    };
  }

  /** The delay from commit to effect in milliseconds: of all but the slowest percent, and of the slowest. */
  async delays(since: Date): Promise<{ p99: number; slowest: number }> {
    const { rows } = await this.lab.sql.query<{ p99: number; slowest: number }>(
      `SELECT round(percentile_cont(0.99) WITHIN GROUP (ORDER BY ms)) AS p99, round(max(ms)) AS slowest
         FROM (SELECT extract(epoch FROM effects.at - outbox.occurred_at)::float8 * 1000 AS ms
                 FROM effects JOIN outbox USING (message_id) WHERE outbox.occurred_at >= $1) AS delays`,
      [since],
    );
    return rows[0]!;
  }

  /** What may tell why nothing moves any more: the books, the broker's queues, the last words of each process. */
  async diagnosis(rabbit: PrivateRabbit): Promise<string> {
    const columns = ['name', 'state', 'messages_ready', 'messages_unacknowledged', 'consumers', 'leader'];
    const queues = await rabbitctl(rabbit, '--silent', 'list_queues', ...columns).catch(String);
    const words = readdirSync(this.directory).map((name) => {
      const said = readFileSync(join(this.directory, name), 'utf8');
      return `${name}:\n${said.slice(-2_000)}`;
    });
    return [JSON.stringify(await this.books()), queues, ...words].join('\n');
  }

  async close(): Promise<void> {
    clearInterval(this.counting);
    const workers = [...this.workers.values()];
    this.workers.clear();
    await Promise.all(workers.map((worker) => worker.kill('SIGKILL')));
    await this.lab.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A broker of the test's own, to be killed. */
export interface PrivateRabbit extends RunningRabbit {
  directory: string;
  /** Ends the node in good order; `restart` finds everything again. */
  stopKeepingData(): Promise<void>;
}

export async function privateRabbit(options: Partial<RabbitOptions> = {}): Promise<PrivateRabbit> {
  const directory = mkdtempSync(join(tmpdir(), 'rabbit-'));
  const rabbit = await startRabbit({ directory, port: await freePort(), ...options });
  const stop = rabbit.stop.bind(rabbit);
  return Object.assign(rabbit, {
    directory,
    stopKeepingData: () => rabbit.kill('SIGTERM'),
    stop: async () => {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  });
}

/** Runs one of RabbitMQ's command line tools against the node. */
export async function rabbitctl(
  rabbit: Pick<PrivateRabbit, 'directory' | 'environment'>,
  ...args: string[]
): Promise<string> {
  const { command, args: line } = asUser('rabbitmq', rabbit.directory, '/usr/lib/rabbitmq/bin/rabbitmqctl', args);
  const { stdout } = await promisify(execFile)(command, line, { env: rabbit.environment, cwd: '/' });
  return stdout;
}

/** One line of figures, for people. */
export function report(title: string, figures: object): void {
  const text = Object.entries(figures).map(([name, value]) => `${name} ${String(value)}`);
  process.stdout.write(`${title}: ${text.join(', ')}\n`);
}
