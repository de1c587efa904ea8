import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { LoginHistoryModule } from '../login-history/login-history.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { ChallengesRepository } from './challenges.repository.js';
import { CodesService } from './codes.service.js';
import { FactorsRepository } from './factors.repository.js';
import { GatekeeperService } from './gatekeeper.service.js';
import { SecondFactorController } from './second-factor.controller.js';
import { SecondFactorTrail } from './second-factor-trail.service.js';
import { SecondFactorService } from './second-factor.service.js';

@Module({
  imports: [AuditModule, LoginHistoryModule, SessionsModule, UsersModule],
  controllers: [SecondFactorController],
  providers: [
    ChallengesRepository,
    CodesService,
    FactorsRepository,
    GatekeeperService,
    SecondFactorService,
    SecondFactorTrail,
  ],
  exports: [ChallengesRepository, FactorsRepository, GatekeeperService, SecondFactorService],
})
export class SecondFactorModule {}
