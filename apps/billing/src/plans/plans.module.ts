import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { AdministerPlansService } from './administer-plans.service.js';
import { AdminPlansController } from './admin-plans.controller.js';
import { DemoPlansService } from './demo-plans.service.js';
import { PlanViews } from './plan-views.service.js';
import { PlansController } from './plans.controller.js';
import { PlansRepository } from './plans.repository.js';
import { PlansService } from './plans.service.js';

@Module({
  imports: [AuditModule, IdempotencyModule],
  controllers: [PlansController, AdminPlansController],
  providers: [PlansService, AdministerPlansService, PlansRepository, PlanViews, DemoPlansService],
  exports: [PlansService, PlanViews, DemoPlansService],
})
export class PlansModule {}
