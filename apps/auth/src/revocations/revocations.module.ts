import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.js';
import { RevocationsRepository } from './revocations.repository.js';
import { RevocationsService } from './revocations.service.js';

/** Voiding tokens, for the service and the commands. */
@Module({
  imports: [UsersModule],
  providers: [RevocationsRepository, RevocationsService],
  exports: [RevocationsService],
})
export class RevocationsModule {}
