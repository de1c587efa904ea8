import { Module } from '@nestjs/common';
import { EmailChangeRequestsModule } from '../mail-requests/email-change-requests.module.js';
import { RevocationsModule } from '../revocations/revocations.module.js';
import { UsersModule } from '../users/users.module.js';
import { SessionEndings } from './session-endings.service.js';
import { SessionsRepository } from './sessions.repository.js';

/** Ending sessions, for the service and the commands. */
@Module({
  imports: [EmailChangeRequestsModule, RevocationsModule, UsersModule],
  providers: [SessionEndings, SessionsRepository],
  exports: [SessionEndings, SessionsRepository],
})
export class SessionEndingsModule {}
