import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { MailRequestsModule } from '../mail-requests/mail-requests.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { EmailChangeController } from './email-change.controller.js';
import { EmailChangeService } from './email-change.service.js';

@Module({
  imports: [AuditModule, MailRequestsModule, SessionsModule, UsersModule],
  controllers: [EmailChangeController],
  providers: [EmailChangeService],
})
export class EmailChangeModule {}
