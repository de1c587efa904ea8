import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { InvalidSettingsError } from '#libs/config';

/**
 * Runs a service's start: a faulty configuration ends the process with its list of faults and no stack,
 * any other failure with the error. Exit code 1 in both cases.
 */
export async function serve(
  start: () => Promise<{ app: NestFastifyApplication; host: string; port: number }>,
): Promise<void> {
  try {
    const { app, host, port } = await start();
    await app.listen({ host, port });
    new Logger('Service').log(`listening on ${await app.getUrl()}`);
  } catch (error) {
    console.error(error instanceof InvalidSettingsError ? error.message : error);
    process.exit(1);
  }
}
