import 'reflect-metadata';
import { runCommand } from '#libs/commands';
import { BillingCliModule } from './billing-cli.module.js';

await runCommand(BillingCliModule);
