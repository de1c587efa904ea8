import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { InvalidSettingsError } from '#libs/config';
import { stackOf } from '#libs/telemetry';

/** A service that is built and not yet listening. */
export interface BuiltService {
  app: NestFastifyApplication;
  host: string;
  port: number;
  /** Sends what is still to be told of the last requests, once the service has closed. */
  stopTracing: () => Promise<void>;
}

/**
 * Runs a service from its start to its end. A faulty configuration ends the process with its list of faults and no stack, any other
 * failure of the start with the error; exit code 1 in both cases. SIGTERM and SIGINT finish what is in hand; exit code 0.
 */
export async function serve(start: () => Promise<BuiltService>): Promise<void> {
  try {
    const service = await start();
    const { app, host, port } = service;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(service));
    await app.listen({ host, port });
    new Logger('Service').log(`listening on ${await app.getUrl()}`);
  } catch (error) {
    console.error(error instanceof InvalidSettingsError ? error.message : stackOf(error));
    process.exit(1);
  }
}

async function stop({ app, stopTracing }: BuiltService): Promise<void> {
  try {
    await app.close();
    await stopTracing();
    process.exit(0);
  } catch (error) {
    new Logger('Service').error(error);
    process.exit(1);
  }
}
