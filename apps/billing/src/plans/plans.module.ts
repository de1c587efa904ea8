import { Module } from '@nestjs/common';
import { DemoPlansService } from './demo-plans.service.js';
import { PlansController } from './plans.controller.js';
import { PlansRepository } from './plans.repository.js';
import { PlansService } from './plans.service.js';

@Module({
  controllers: [PlansController],
  providers: [PlansService, PlansRepository, DemoPlansService],
  exports: [PlansService, DemoPlansService],
})
export class PlansModule {}
