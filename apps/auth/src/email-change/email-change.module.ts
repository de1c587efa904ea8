import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { MailRequestsModule } from '../mail-requests/mail-requests.module.js';
import { OAuthModule } from '../oauth/oauth.module.js';
import { SecondFactorModule } from '../second-factor/second-factor.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { EmailChangeController } from './email-change.controller.js';
import { EmailChangeService } from './email-change.service.js';
import { EmailMoveService } from './email-move.service.js';
import { EmailUndoController } from './email-undo.controller.js';
import { EmailUndoService } from './email-undo.service.js';
import { EmailUndosRepository } from './email-undos.repository.js';

@Module({
  imports: [AuditModule, MailRequestsModule, OAuthModule, SecondFactorModule, SessionsModule, UsersModule],
  controllers: [EmailChangeController, EmailUndoController],
  providers: [EmailChangeService, EmailMoveService, EmailUndoService, EmailUndosRepository],
})
export class EmailChangeModule {}
