import { Global, Module } from '@nestjs/common';
import { LocalRevocationSource } from './local-revocation-source.service.js';
import { RevocationFeed } from './revocation-feed.service.js';
import { RevocationsController } from './revocations.controller.js';
import { RevocationsRepository } from './revocations.repository.js';

/** Spreading the word; the running service only. */
@Global()
@Module({
  controllers: [RevocationsController],
  providers: [RevocationsRepository, LocalRevocationSource, RevocationFeed],
  exports: [LocalRevocationSource, RevocationFeed],
})
export class RevocationFeedModule {}
