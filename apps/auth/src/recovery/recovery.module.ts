import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { MailRequestsModule } from '../mail-requests/mail-requests.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { UsersModule } from '../users/users.module.js';
import { PasswordChangeService } from './password-change.service.js';
import { RecoveryController } from './recovery.controller.js';
import { RecoveryService } from './recovery.service.js';

@Module({
  imports: [AuditModule, MailRequestsModule, PasswordsModule, SessionsModule, SignInModule, UsersModule],
  controllers: [RecoveryController],
  providers: [RecoveryService, PasswordChangeService],
})
export class RecoveryModule {}
