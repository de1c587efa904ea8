import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { APPS, type App, type Ports } from './addresses.ts';
import { runTask } from './child.ts';
import type { Daemon, Running } from './daemon.ts';
import { sandboxEnvironment, serviceEnvironment } from './environment.ts';
import { assertPortFree } from './ports.ts';
import { ProcessRecord } from './process-record.ts';
import { keptSecrets } from './secrets.ts';
import { entryOf, startSandbox, startService } from './services.ts';
import { Steps } from './steps.ts';
import { givenUrls, type StoreName, type StoreUrls } from './store-urls.ts';
import { startMongo } from './stores/mongo.ts';
import { startPostgres } from './stores/postgres.ts';
import { provision } from './stores/provision.ts';
import { startRabbit, type RunningRabbit } from './stores/rabbit.ts';
import { startRedis } from './stores/redis.ts';
import { RECORD } from './workspace.ts';

/** Where a stack lives and what it is given. */
export interface StackOptions {
  /** The repository. */
  root: string;
  /** Data, logs, secrets and the list of started processes. */
  directory: string;
  /** Downloads shared by all stacks. */
  cacheDirectory: string;
  ports: Ports;
  /** The developer's environment: stores and providers named here are used as they are. */
  given: NodeJS.ProcessEnv;
  steps?: Steps;
}

/** The private stores a stack has started; one that the environment names is absent. */
export interface Stores {
  postgres?: Daemon;
  redis?: Daemon;
  rabbit?: RunningRabbit;
  mongo?: Daemon;
}

const DATABASES = ['auth', 'billing'] as const;
const STORE_PORTS: Record<StoreName, (keyof Ports)[]> = {
  postgres: ['postgres'],
  redis: ['redis'],
  rabbit: ['rabbit', 'rabbitDistribution', 'epmd'],
  mongo: ['mongo'],
};
const STORE_NAMES = Object.keys(STORE_PORTS) as StoreName[];
const APP_PORTS: (keyof Ports)[] = [...APPS, 'control', 'stripe', 'google', 'fx', 'mailbox', 'smtp'];

/** Stores, migrations, sandbox and services of one running system, on ports and in a directory of its own. */
export class Stack {
  readonly stores: Stores = {};
  readonly services: Partial<Record<App, Daemon>> = {};
  sandbox: Daemon | undefined;
  readonly logDirectory: string;
  readonly #options: StackOptions;
  readonly #steps: Steps;
  readonly #record: ProcessRecord;
  readonly #abort = new AbortController();
  readonly #starting = new Set<Promise<unknown>>();
  readonly #urls: Partial<StoreUrls> = {};

  constructor(options: StackOptions) {
    mkdirSync(options.directory, { recursive: true });
    this.#options = options;
    this.#steps = options.steps ?? new Steps(() => undefined);
    this.#record = new ProcessRecord(join(options.directory, RECORD));
    this.logDirectory = join(options.directory, 'logs');
  }

  /** The environment of the services; complete once the stores have been started. */
  get environment(): NodeJS.ProcessEnv {
    const { given, ports, directory } = this.#options;
    return serviceEnvironment({ given, ports, stores: this.#urls as StoreUrls, secrets: keptSecrets(directory) });
  }

  /** Aborted when the stack is being stopped. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Where a private store of this stack keeps its data. */
  directoryOf(name: StoreName): string {
    return join(this.#options.directory, name);
  }

  /** Fails with one line when a port that this stack needs is taken. */
  async assertPortsFree(): Promise<void> {
    const { ports, given } = this.#options;
    const wanted = [
      ...STORE_NAMES.filter((name) => !givenUrls(name, given)).flatMap((name) => STORE_PORTS[name]),
      ...APP_PORTS,
    ];
    for (const name of wanted) await assertPortFree(ports[name], name);
  }

  /** Starts one private store, or takes the one that the environment names. */
  startStore(name: StoreName): Promise<void> {
    const given = givenUrls(name, this.#options.given);
    if (given) {
      Object.assign(this.#urls, given);
      return Promise.resolve();
    }
    return this.#track(this.#steps.step(name, () => this.#startPrivate(name)));
  }

  /** Brings both databases to the newest schema. */
  async migrate(): Promise<void> {
    await Promise.all(DATABASES.map((name) => this.#task(`migrations of ${name}`, ['dist/migrations/run.js', name])));
  }

  /** Runs a command of a service's command line and gives its output. */
  command(app: App, args: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    return this.#task(`${app} ${args[0] ?? ''}`, [entryOf(app, 'cli'), ...args], env);
  }

  async startSandbox(): Promise<void> {
    const { ports, directory } = this.#options;
    const env = sandboxEnvironment(this.environment, ports, join(directory, 'sandbox'));
    mkdirSync(join(directory, 'sandbox'), { recursive: true });
    this.sandbox = await this.#track(startSandbox({ ...this.#service(), port: ports.control, env }));
  }

  async startService(app: App): Promise<void> {
    const { ports } = this.#options;
    this.services[app] = await this.#track(
      startService(app, { ...this.#service(), port: ports[app], env: this.environment }),
    );
  }

  /** Stops what this stack has started, services first, stores last. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.allSettled(this.#starting);
    const stopAll = (running: (Running | undefined)[]) => Promise.all(running.map(async (one) => one?.stop()));
    await stopAll(Object.values(this.services));
    await stopAll([this.sandbox]);
    await stopAll(Object.values(this.stores));
  }

  #service() {
    return {
      root: this.#options.root,
      logDirectory: this.logDirectory,
      record: this.#record,
      signal: this.#abort.signal,
    };
  }

  async #startPrivate(name: StoreName): Promise<void> {
    const { ports, cacheDirectory } = this.#options;
    const { logDirectory } = this;
    const place = {
      directory: this.directoryOf(name),
      port: ports[name],
      logDirectory,
      record: this.#record,
      signal: this.#abort.signal,
    };
    if (name === 'postgres') {
      this.stores.postgres = await startPostgres(place);
      Object.assign(this.#urls, await provision(this.stores.postgres.url));
    } else if (name === 'redis') {
      this.stores.redis = await startRedis(place);
      this.#urls.REDIS_URL = this.stores.redis.url;
    } else if (name === 'rabbit') {
      // Known beforehand, so that services can be started while the broker boots.
      this.#urls.RABBITMQ_URL = `amqp://guest:guest@127.0.0.1:${ports.rabbit}`;
      this.stores.rabbit = await startRabbit({
        ...place,
        distributionPort: ports.rabbitDistribution,
        epmdPort: ports.epmd,
      });
    } else {
      this.stores.mongo = await startMongo({ ...place, cacheDirectory });
      this.#urls.BILLING_MONGODB_URL = `mongodb://127.0.0.1:${ports.mongo}/billing?directConnection=true`;
      this.#urls.NOTIFICATION_MONGODB_URL = `mongodb://127.0.0.1:${ports.mongo}/notification?directConnection=true`;
    }
  }

  #task(name: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    const logFile = join(this.logDirectory, 'tasks.log');
    return this.#track(
      runTask({
        name,
        args,
        cwd: this.#options.root,
        env: { ...this.environment, ...env },
        logFile,
        signal: this.#abort.signal,
      }),
    );
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#starting.add(work);
    const done = () => this.#starting.delete(work);
    work.then(done, done);
    return work;
  }
}
