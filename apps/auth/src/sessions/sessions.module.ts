import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { AuditModule } from '../audit/audit.module.js';
import { MailRequestsModule } from '../mail-requests/mail-requests.module.js';
import { RevocationsModule } from '../revocations/revocations.module.js';
import { SigningKeysModule } from '../signing-keys/signing-keys.module.js';
import { UsersModule } from '../users/users.module.js';
import { WebModule } from '../web/web.module.js';
import { AccessTokensService } from './access-tokens.service.js';
import { DevicesController } from './devices.controller.js';
import { SessionsListRepository } from './sessions-list.repository.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';
import { StepUpService } from './step-up.service.js';

@Module({
  imports: [
    JwtModule.register({}),
    AuditModule,
    MailRequestsModule,
    RevocationsModule,
    SigningKeysModule,
    UsersModule,
    WebModule,
  ],
  controllers: [SessionsController, DevicesController],
  providers: [SessionsRepository, SessionsListRepository, SessionsService, AccessTokensService, StepUpService],
  exports: [SessionsService, SessionsListRepository, StepUpService],
})
export class SessionsModule {}
