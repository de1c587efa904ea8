import { Module } from '@nestjs/common';
import { RegistrationsRepository } from '../registration/registrations.repository.js';
import { UsersModule } from '../users/users.module.js';
import { EmailChangeRequestsModule } from './email-change-requests.module.js';
import { MailDispatchService } from './mail-dispatch.service.js';
import { MailRequestsService } from './mail-requests.service.js';
import { MailWorker } from './mail-worker.service.js';

@Module({
  imports: [EmailChangeRequestsModule, UsersModule],
  providers: [RegistrationsRepository, MailDispatchService, MailWorker, MailRequestsService],
  exports: [EmailChangeRequestsModule, MailDispatchService, MailRequestsService, RegistrationsRepository],
})
export class MailRequestsModule {}
