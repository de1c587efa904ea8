import { Module } from '@nestjs/common';
import { RegistrationsRepository } from '../registration/registrations.repository.js';
import { UsersModule } from '../users/users.module.js';
import { MailDispatchService } from './mail-dispatch.service.js';
import { MailRequestsRepository } from './mail-requests.repository.js';
import { MailRequestsService } from './mail-requests.service.js';
import { MailWorker } from './mail-worker.service.js';

@Module({
  imports: [UsersModule],
  providers: [MailRequestsRepository, RegistrationsRepository, MailDispatchService, MailWorker, MailRequestsService],
  exports: [MailRequestsService, RegistrationsRepository],
})
export class MailRequestsModule {}
