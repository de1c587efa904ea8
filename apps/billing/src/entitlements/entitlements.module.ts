import { Module } from '@nestjs/common';
import { StandingModule } from '../standing/standing.module.js';
import { EntitlementsCache } from './entitlements.cache.js';
import { EntitlementsController } from './entitlements.controller.js';
import { EntitlementsRepository } from './entitlements.repository.js';
import { EntitlementsService } from './entitlements.service.js';

@Module({
  imports: [StandingModule],
  controllers: [EntitlementsController],
  providers: [EntitlementsService, EntitlementsCache, EntitlementsRepository],
  exports: [EntitlementsService],
})
export class EntitlementsModule {}
