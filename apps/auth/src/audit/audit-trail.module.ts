import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { AuditModule } from './audit.module.js';
import { AuditRepository } from './audit.repository.js';

/** Reading the trail over HTTP. */
@Module({ imports: [AuditModule], controllers: [AuditController], providers: [AuditRepository] })
export class AuditTrailModule {}
