export { Command, CommandModule, Option, Positional } from './nestjs-command.js';
export { CommandFailedError, runCommand } from './run-command.js';
