import { Module } from '@nestjs/common';
import { RegistrationsRepository } from '../registration/registrations.repository.js';
import { UsersModule } from '../users/users.module.js';
import { MailDispatchService } from './mail-dispatch.service.js';
import { MailRequestsRepository } from './mail-requests.repository.js';
import { MailRequestsService } from './mail-requests.service.js';
import { OneTimeTokensRepository } from './one-time-tokens.repository.js';
import { MailWorker } from './mail-worker.service.js';

@Module({
  imports: [UsersModule],
  providers: [
    MailRequestsRepository,
    OneTimeTokensRepository,
    RegistrationsRepository,
    MailDispatchService,
    MailWorker,
    MailRequestsService,
  ],
  exports: [MailDispatchService, MailRequestsService, OneTimeTokensRepository, RegistrationsRepository],
})
export class MailRequestsModule {}
