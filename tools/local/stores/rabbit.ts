import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, rabbitServer } from '../binaries.ts';
import { Daemon, type Running } from '../daemon.ts';
import { StackFault } from '../fault.ts';
import { asUser, giveTo, shouldDrop } from '../os-user.ts';
import { accepts, assertPortFree, freePort } from '../ports.ts';
import type { StoreOptions } from './postgres.ts';

const USER = 'rabbitmq';

/** A private RabbitMQ node; the extra ports are taken from the system when not given. */
export interface RabbitOptions extends StoreOptions {
  distributionPort?: number;
  epmdPort?: number;
  /** Several nodes on one machine need names of their own and one cookie to form a cluster. */
  nodeName?: string;
  cookie?: string;
  /** Joins nodes that share a name service started by another node instead of starting one. */
  sharedEpmd?: boolean;
  /** More lines of rabbitmq.conf. */
  settings?: string[];
}

/** A running node, with what its command line tools and further nodes need. */
export interface RunningRabbit extends Running {
  readonly environment: NodeJS.ProcessEnv;
  readonly nodeName: string;
  readonly epmdPort: number;
  onUnexpectedExit(listener: (line: string) => void): void;
}

function writeConfiguration(options: RabbitOptions, directory: string): void {
  for (const name of ['home', 'log', 'mnesia']) mkdirSync(join(directory, name), { recursive: true, mode: 0o700 });
  const cookieFile = join(directory, 'home', '.erlang.cookie');
  if (!existsSync(cookieFile))
    writeFileSync(cookieFile, options.cookie ?? randomBytes(20).toString('hex'), { mode: 0o400 });
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${options.port}`,
    // Absolute limits: relative ones block publishers on machines that are merely full of other things.
    'vm_memory_high_watermark.absolute = 512MiB',
    'disk_free_limit.absolute = 64MB',
    // As in deploy/rabbitmq: what is larger is refused at the door.
    'max_message_size = 1048576',
    'log.console.level = warning',
    ...(options.settings ?? []),
  ];
  writeFileSync(join(directory, 'rabbitmq.conf'), `${lines.join('\n')}\n`);
  writeFileSync(join(directory, 'enabled_plugins'), '[].\n');
}

/** Starts a private RabbitMQ node on 127.0.0.1 with its own Erlang name service, so that it never meets the machine's. */
export async function startRabbit(options: RabbitOptions): Promise<RunningRabbit> {
  const { directory, port } = options;
  const server = rabbitServer();
  const epmdProgram = findProgram('epmd');
  if (!server || !epmdProgram)
    throw new StackFault('RabbitMQ is not installed', 'Install it: apt-get install rabbitmq-server');
  const distributionPort = options.distributionPort ?? (await freePort());
  const epmdPort = options.epmdPort ?? (await freePort());
  const nodeName = options.nodeName ?? 'local@localhost';
  await assertPortFree(port, 'RabbitMQ');
  await assertPortFree(distributionPort, "RabbitMQ's cluster port");
  if (!options.sharedEpmd) await assertPortFree(epmdPort, "RabbitMQ's name service");
  writeConfiguration(options, directory);
  // It may also run as root, and must where its own user could not reach the data: it checks access by user, not by capability.
  const drop = shouldDrop(USER, directory);
  if (drop) giveTo(USER, directory);
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    HOME: join(directory, 'home'),
    ERL_EPMD_PORT: String(epmdPort),
    RABBITMQ_NODENAME: nodeName,
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_CONFIG_FILE: join(directory, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
    RABBITMQ_LOG_BASE: join(directory, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'enabled_plugins'),
    // The cluster port stays on this machine too.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    // The start script then becomes the server itself, so the process we signal is the broker and not a shell.
    RUNNING_UNDER_SYSTEMD: '1',
  };
  const logDirectory = options.logDirectory ?? directory;
  const epmd = options.sharedEpmd
    ? undefined
    : await Daemon.start({
        name: 'Erlang name service',
        url: `epmd://127.0.0.1:${epmdPort}`,
        command: epmdProgram,
        args: ['-port', String(epmdPort), '-address', '127.0.0.1'],
        env: { PATH: process.env['PATH'] },
        logFile: join(logDirectory, 'epmd.log'),
        ready: () => accepts(epmdPort),
        record: options.record,
        signal: options.signal,
      });
  const node = new Daemon({
    name: 'RabbitMQ',
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    ...(drop ? asUser(USER, directory, server, []) : { command: server, args: [] }),
    cwd: '/',
    env: environment,
    logFile: join(logDirectory, 'rabbitmq.log'),
    ready: () => accepts(port),
    // Four times what a loaded two-core machine needs.
    readyDeadlineMs: 120_000,
    stopDeadlineMs: 20_000,
    record: options.record,
    signal: options.signal,
  });
  try {
    await node.start();
  } catch (error) {
    await epmd?.stop();
    throw error;
  }
  return {
    name: node.name,
    url: node.url,
    nodeName,
    epmdPort,
    environment,
    get pid() {
      return node.pid;
    },
    onUnexpectedExit: (listener) => node.onUnexpectedExit(listener),
    kill: (signal) => node.kill(signal),
    restart: () => node.restart(),
    stop: async () => {
      await node.stop();
      await epmd?.stop();
    },
  };
}
