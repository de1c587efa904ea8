import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { AuditRepository } from './audit.repository.js';

/** Reading the trail over HTTP. */
@Module({ controllers: [AuditController], providers: [AuditRepository] })
export class AuditTrailModule {}
