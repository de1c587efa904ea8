import { Injectable } from '@nestjs/common';
import { Command, CommandFailedError } from '#libs/commands';
import { BillingConfig } from '../billing.config.js';
import { DemoPlansService } from '../plans/demo-plans.service.js';

@Injectable()
export class SeedDemoCommand {
  constructor(
    private readonly config: BillingConfig,
    private readonly plans: DemoPlansService,
  ) {}

  @Command({ command: 'seed:demo', describe: 'Add the demonstration plans' })
  async seed(): Promise<void> {
    if (this.config.NODE_ENV === 'production' && !this.config.ALLOW_SANDBOX) {
      throw new CommandFailedError('Demonstration plans are refused in production (ALLOW_SANDBOX is not set).');
    }
    const added = await this.plans.seed();
    process.stdout.write(`${added} plans added\n`);
  }
}
