import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AuditModule } from '../audit/audit.module.js';
import { Suppression, SuppressionSchema } from './suppression.schema.js';
import { SuppressionsController } from './suppressions.controller.js';
import { SuppressionsRepository } from './suppressions.repository.js';

/** Addresses not to write to. */
@Module({
  imports: [AuditModule, MongooseModule.forFeature([{ name: Suppression.name, schema: SuppressionSchema }])],
  controllers: [SuppressionsController],
  providers: [SuppressionsRepository],
  exports: [SuppressionsRepository],
})
export class SuppressionsModule {}
