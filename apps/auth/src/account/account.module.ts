import { Module } from '@nestjs/common';
import { AdminModule } from '../admin/admin.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { MailRequestsModule } from '../mail-requests/mail-requests.module.js';
import { OAuthModule } from '../oauth/oauth.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccountController } from './account.controller.js';
import { AccountService } from './account.service.js';
import { LeavingRepository } from './leaving.repository.js';
import { LeavingService } from './leaving.service.js';

@Module({
  imports: [AdminModule, AuditModule, MailRequestsModule, OAuthModule, SessionsModule, UsersModule],
  controllers: [AccountController],
  providers: [AccountService, LeavingRepository, LeavingService],
  exports: [LeavingRepository],
})
export class AccountModule {}
