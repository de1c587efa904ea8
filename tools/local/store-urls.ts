import { StackFault } from './fault.ts';

/** The store addresses the services are told, by environment variable. */
export interface StoreUrls {
  AUTH_DATABASE_URL: string;
  AUTH_DATABASE_MIGRATION_URL: string;
  BILLING_DATABASE_URL: string;
  BILLING_DATABASE_MIGRATION_URL: string;
  REDIS_URL: string;
  RABBITMQ_URL: string;
  BILLING_MONGODB_URL: string;
  NOTIFICATION_MONGODB_URL: string;
}

const TOGETHER = {
  postgres: [
    'AUTH_DATABASE_URL',
    'AUTH_DATABASE_MIGRATION_URL',
    'BILLING_DATABASE_URL',
    'BILLING_DATABASE_MIGRATION_URL',
  ],
  redis: ['REDIS_URL'],
  rabbit: ['RABBITMQ_URL'],
  mongo: ['BILLING_MONGODB_URL', 'NOTIFICATION_MONGODB_URL'],
} as const satisfies Record<string, (keyof StoreUrls)[]>;

export type StoreName = keyof typeof TOGETHER;

/**
 * The addresses of a store that the environment names, or undefined when a private one is wanted.
 * A store named by half is refused: the other half would silently be somewhere else.
 */
export function givenUrls(store: StoreName, given: NodeJS.ProcessEnv): Partial<StoreUrls> | undefined {
  const names = TOGETHER[store];
  const missing = names.filter((name) => !given[name]);
  if (missing.length === names.length) return undefined;
  if (missing.length > 0)
    throw new StackFault(`${missing.join(', ')} missing`, `Set ${names.join(', ')} together, or none of them`);
  return Object.fromEntries(names.map((name) => [name, given[name]]));
}
