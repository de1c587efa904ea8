import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { RolesModule } from '../roles/roles.module.js';
import { UsersModule } from '../users/users.module.js';
import { CreateSuperuserCommand } from './create-superuser.command.js';
import { SuperuserService } from './superuser.service.js';

@Module({
  imports: [AuditModule, PasswordsModule, RolesModule, UsersModule],
  providers: [SuperuserService, CreateSuperuserCommand],
  exports: [SuperuserService],
})
export class SuperuserModule {}
