import { Module } from '@nestjs/common';
import { PlansModule } from '../plans/plans.module.js';
import { SeedDemoCommand } from './seed-demo.command.js';

@Module({ imports: [PlansModule], providers: [SeedDemoCommand] })
export class DemoModule {}
