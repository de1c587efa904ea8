import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { AuditModule } from '../audit/audit.module.js';
import { RevocationsModule } from '../revocations/revocations.module.js';
import { SigningKeysModule } from '../signing-keys/signing-keys.module.js';
import { UsersModule } from '../users/users.module.js';
import { WebModule } from '../web/web.module.js';
import { AccessTokensService } from './access-tokens.service.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';

@Module({
  imports: [JwtModule.register({}), AuditModule, RevocationsModule, SigningKeysModule, UsersModule, WebModule],
  controllers: [SessionsController],
  providers: [SessionsRepository, SessionsService, AccessTokensService],
  exports: [SessionsService],
})
export class SessionsModule {}
