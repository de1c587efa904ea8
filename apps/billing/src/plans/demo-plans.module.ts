import { Module } from '@nestjs/common';
import { DemoPlansService } from './demo-plans.service.js';
import { PlansRepository } from './plans.repository.js';
import { SeedDemoCommand } from './seed-demo.command.js';

/** The command `seed:demo`; for the command line only. */
@Module({ providers: [PlansRepository, DemoPlansService, SeedDemoCommand] })
export class DemoPlansModule {}
