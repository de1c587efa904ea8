import 'reflect-metadata';
import { runCommand } from '#libs/commands';
import { AuthCliModule } from './auth-cli.module.js';

await runCommand(AuthCliModule);
