import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ContactsModule } from '../contacts/contacts.module.js';
import { AuditController } from './audit.controller.js';
import { AuditEntry, AuditEntrySchema } from './audit-entry.schema.js';
import { AuditRepository } from './audit.repository.js';

/** What administrators did. */
@Module({
  imports: [ContactsModule, MongooseModule.forFeature([{ name: AuditEntry.name, schema: AuditEntrySchema }])],
  controllers: [AuditController],
  providers: [AuditRepository],
  exports: [AuditRepository],
})
export class AuditModule {}
