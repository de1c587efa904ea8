import type { DynamicModule, InjectionToken } from '@nestjs/common';
import { appOf, type ContractClass, contractOf } from '#libs/contracts';

/** What comes from the environment. */
export interface MessagingSettings {
  /** One URL per broker node, tried in turn. */
  urls: string[];
  /** Prefix of the exchange and of every queue; empty in production. */
  namespace: string;
  /** Pauses before each further try, in milliseconds; the last one repeats while a dependency is unavailable. */
  retryDelaysMs?: number[];
  /** How often a message whose handler fails for an unknown reason is tried. */
  maxAttempts?: number;
  /** How often a message is tried whose handler reports a dependency as unavailable. */
  maxUnavailableAttempts?: number;
  /** Milliseconds a handler may take. */
  handlerTimeoutMs?: number;
  /** Deliveries a consumer holds unacknowledged: for all queues, or queue by queue. */
  prefetch?: number | Record<string, number>;
  /** A larger message is not looked at; brokers are set up to refuse what is larger than the default, 1 MiB. */
  maxMessageBytes?: number;
  /** How often the relay looks for rows nobody announced, in milliseconds. */
  outboxPollMs?: number;
  /** How long the relay waits for the broker's confirm, in milliseconds. */
  confirmTimeoutMs?: number;
  /** Days for which published events can be replayed. */
  retentionDays?: number;
  /** Deadline for finishing what is in hand at shutdown, in milliseconds. */
  drainTimeoutMs?: number;
}

/** Where the ids of consumed messages are kept: in the transaction of the effect, or by the handler's own unique keys. */
export type Inbox = 'postgres' | 'mongo' | 'none';

/** How an app takes part. */
export interface MessagingModuleOptions {
  app: string;
  /** Queues of this app and what they are bound to; every pair has exactly one handler. */
  consumes: Record<string, ContractClass[]>;
  /** What this app may put into its outbox: contracts whose names begin with its own. */
  publishes: ContractClass[];
  /** The same for all queues, or queue by queue. */
  inbox: Inbox | Record<string, Inbox>;
  outbox: boolean;
  imports?: DynamicModule['imports'];
  inject?: InjectionToken[];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  useFactory: (...dependencies: any[]) => MessagingSettings | Promise<MessagingSettings>;
}

/** Everything decided: the module's options and the settings with their defaults. */
export interface ResolvedMessaging extends Omit<Required<MessagingSettings>, 'prefetch'> {
  app: string;
  consumes: Record<string, ContractClass[]>;
  publishes: ContractClass[];
  inboxOf(consumer: string): Inbox;
  prefetchOf(consumer: string): number;
  outbox: boolean;
}

export const MESSAGING = Symbol('messaging');

const DEFAULTS: Omit<Required<MessagingSettings>, 'urls' | 'namespace' | 'prefetch'> = {
  retryDelaysMs: [1_000, 5_000, 30_000, 120_000, 600_000],
  maxAttempts: 6,
  maxUnavailableAttempts: 200,
  handlerTimeoutMs: 30_000,
  maxMessageBytes: 1024 * 1024,
  outboxPollMs: 1_000,
  confirmTimeoutMs: 5_000,
  retentionDays: 7,
  drainTimeoutMs: 8_000,
};

/** Deliveries held by default: without an inbox table effects run one by one and may be slow, so fewer are taken at a time. */
const PREFETCH: Record<Inbox, number> = { postgres: 200, mongo: 20, none: 20 };

export function resolveMessaging(options: MessagingModuleOptions, settings: MessagingSettings): ResolvedMessaging {
  const given = Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  ) as typeof settings;
  const { app, consumes, publishes, inbox, outbox } = options;
  const foreign = publishes.find((contract) => appOf(contractOf(contract)) !== app);
  // Consumers would take it for a forgery.
  if (foreign) throw new Error(`${app} publishes ${foreign.name}, which is another app's news`);
  const inboxOf = (consumer: string): Inbox => {
    const place = typeof inbox === 'string' ? inbox : inbox[consumer];
    if (!place) throw new Error(`Nothing says where ${consumer} keeps the ids of what it has consumed`);
    return place;
  };
  const prefetchOf = (consumer: string): number => {
    const wanted = typeof given.prefetch === 'object' ? given.prefetch[consumer] : given.prefetch;
    return wanted ?? PREFETCH[inboxOf(consumer)];
  };
  return { ...DEFAULTS, ...given, app, consumes, publishes, inboxOf, prefetchOf, outbox };
}

/** Whether any queue keeps its inbox in PostgreSQL. */
export function keepsInboxTable({ inbox }: MessagingModuleOptions): boolean {
  return typeof inbox === 'string' ? inbox === 'postgres' : Object.values(inbox).includes('postgres');
}
