import { freePort } from './ports.ts';

/** The services in the order in which they are shown. */
export const APPS = ['auth', 'billing', 'notification'] as const;
export type App = (typeof APPS)[number];

/** Every port a complete stack listens on, all on 127.0.0.1. */
export interface Ports {
  auth: number;
  billing: number;
  notification: number;
  control: number;
  stripe: number;
  google: number;
  fx: number;
  mailbox: number;
  smtp: number;
  postgres: number;
  redis: number;
  rabbit: number;
  rabbitDistribution: number;
  epmd: number;
  mongo: number;
}

/** The ports of `npm run up`; none is the default port of a server that the machine may already run. */
export const LOCAL_PORTS: Ports = {
  auth: 3001,
  billing: 3002,
  notification: 3003,
  control: 4500,
  stripe: 4501,
  google: 4502,
  fx: 4503,
  mailbox: 4504,
  smtp: 4525,
  // Below the range that the system gives to outgoing connections, one of which could hold a port just when it is wanted.
  postgres: 24432,
  redis: 24379,
  rabbit: 24672,
  rabbitDistribution: 24673,
  epmd: 24674,
  mongo: 24017,
};

/** The same, where a service's own port variable does not say otherwise. */
export function localPorts(given: NodeJS.ProcessEnv): Ports {
  const own = APPS.flatMap((app) => {
    const port = given[`${app.toUpperCase()}_PORT`];
    return port ? [[app, Number(port)] as const] : [];
  });
  return { ...LOCAL_PORTS, ...Object.fromEntries(own) };
}

/** As many ports, none of them in use, for a stack beside another. */
export async function freePorts(): Promise<Ports> {
  const entries = Object.keys(LOCAL_PORTS).map(async (name) => [name, await freePort()] as const);
  return Object.fromEntries(await Promise.all(entries)) as unknown as Ports;
}

/** A local address for one of the ports. */
export const at = (port: number): string => `http://127.0.0.1:${port}`;
