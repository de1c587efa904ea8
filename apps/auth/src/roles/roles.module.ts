import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { SessionEndingsModule } from '../sessions/session-endings.module.js';
import { UsersModule } from '../users/users.module.js';
import { RoleChanges } from './role-changes.service.js';

/** Changing roles, for the service and the commands. */
@Module({
  imports: [AuditModule, SessionEndingsModule, UsersModule],
  providers: [RoleChanges],
  exports: [RoleChanges],
})
export class RolesModule {}
