import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
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
  // By default yargs prints its usage and ends the process, so nothing would be closed.
  yargs.exitProcess(false).fail((message: string | null, error: Error | undefined) => {
    throw error ?? new CommandFailedError(withoutValues(message ?? 'Unknown command'));
  });
  try {
    await app.select(CommandModule).get(CommandService).exec();
  } catch (error) {
    process.exitCode = 1;
    console.error(error instanceof CommandFailedError ? error.message : error);
  } finally {
    await app.close();
  }
}

/** yargs repeats arguments that it does not know, and one of them may be a password. */
function withoutValues(message: string): string {
  return message.replace(/^Unknown arguments?:.*/s, 'The command takes no such argument; --help tells which it takes.');
}
