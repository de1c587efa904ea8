import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { RolesModule } from '../roles/roles.module.js';
import { SecondFactorModule } from '../second-factor/second-factor.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { AdminRights } from './admin-rights.service.js';
import { AdminTrail } from './admin-trail.service.js';
import { AdminUsersController } from './admin-users.controller.js';
import { AdminUsersRepository } from './admin-users.repository.js';
import { AdminUsersService } from './admin-users.service.js';

@Module({
  imports: [AuditModule, RolesModule, SecondFactorModule, SessionsModule, UsersModule],
  controllers: [AdminUsersController],
  providers: [AdminRights, AdminTrail, AdminUsersRepository, AdminUsersService],
  exports: [AdminRights],
})
export class AdminModule {}
