import { Module } from '@nestjs/common';
import { EmailChangeRequests } from './email-change-requests.service.js';
import { MailRequestsRepository } from './mail-requests.repository.js';
import { OneTimeTokensRepository } from './one-time-tokens.repository.js';

/** What the service and the commands share of the mail requests: no worker. */
@Module({
  providers: [EmailChangeRequests, MailRequestsRepository, OneTimeTokensRepository],
  exports: [EmailChangeRequests, MailRequestsRepository, OneTimeTokensRepository],
})
export class EmailChangeRequestsModule {}
