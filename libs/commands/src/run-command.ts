import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { stackOf } from '#libs/telemetry';
import { CommandModule, CommandService, yargs } from './nestjs-command.js';

/** A command failed for a reason the operator can mend: printed as one line, without a stack. */
export class CommandFailedError extends Error {
  override readonly name = 'CommandFailedError';
}

/**
 * Boots the module without a server, runs the command named on the command line and closes everything.
 * A command that throws ends the process with exit code 1, its message (a stack only when nobody foresaw it) on standard error.
 */
export async function runCommand(module: Type<unknown>): Promise<void> {
  const app = await NestFactory.createApplicationContext(module, { logger: ['error', 'warn'], abortOnError: false });
  // By default yargs prints its usage and ends the process, so nothing would be closed, and speaks the language of the environment.
  yargs
    .locale('en')
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? new CommandFailedError(withoutValues(message ?? ''));
    });
  try {
    await app.select(CommandModule).get(CommandService).exec();
  } catch (error) {
    process.exitCode = 1;
    console.error(error instanceof CommandFailedError ? error.message : stackOf(error));
  } finally {
    await app.close();
  }
}

/** yargs repeats what it was given, and that may be a password: only what is known to name no more than the command's own options is passed on. */
function withoutValues(message: string): string {
  return /^(Missing required argument|Not enough )/.test(message)
    ? message
    : 'The command takes no such argument; --help tells which it takes.';
}
