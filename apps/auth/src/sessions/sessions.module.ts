import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { AuditModule } from '../audit/audit.module.js';
import { EmailChangeRequestsModule } from '../mail-requests/email-change-requests.module.js';
import { SigningKeysModule } from '../signing-keys/signing-keys.module.js';
import { UsersModule } from '../users/users.module.js';
import { WebModule } from '../web/web.module.js';
import { AccessTokensService } from './access-tokens.service.js';
import { DevicesController } from './devices.controller.js';
import { SessionsListRepository } from './sessions-list.repository.js';
import { SessionEndingsModule } from './session-endings.module.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';
import { StepUpService } from './step-up.service.js';

@Module({
  imports: [
    JwtModule.register({}),
    AuditModule,
    EmailChangeRequestsModule,
    SessionEndingsModule,
    SigningKeysModule,
    UsersModule,
    WebModule,
  ],
  controllers: [SessionsController, DevicesController],
  providers: [SessionsListRepository, SessionsService, AccessTokensService, StepUpService],
  exports: [SessionEndingsModule, SessionsService, SessionsListRepository, StepUpService],
})
export class SessionsModule {}
