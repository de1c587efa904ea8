import { createRequire } from 'node:module';
import type { Type } from '@nestjs/common';
import type { Argv, Options, PositionalOptions } from 'yargs';

/** The part of nestjs-command the apps use; its own types cannot be seen from ESM. */
interface NestjsCommand {
  Command(option: { command: string; describe: string }): MethodDecorator;
  Positional(option: PositionalOptions & { name: string }): ParameterDecorator;
  Option(option: Options & { name: string }): ParameterDecorator;
  CommandModule: Type<unknown>;
  CommandService: Type<{ exec(args?: string[]): Promise<unknown> }>;
}

// The package exports only a "require" condition, so `import` cannot load it. It uses yargs' singleton, so must we.
const require = createRequire(import.meta.url);
const nestjsCommand = require('nestjs-command') as NestjsCommand;

/** The yargs instance nestjs-command registers its commands on. */
export const yargs = require('yargs') as Argv;

/** Marks a method as a command: `@Command({ command: 'books:verify', describe: '...' })`. */
export const Command = nestjsCommand.Command;
/** A positional argument of a command. */
export const Positional = nestjsCommand.Positional;
/** An option (`--name value`) of a command. */
export const Option = nestjsCommand.Option;
/** Import it into the module of an app's command line. */
export const CommandModule = nestjsCommand.CommandModule;
export const CommandService = nestjsCommand.CommandService;
