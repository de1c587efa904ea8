import { Module } from '@nestjs/common';
import { UserStandingsRepository } from './user-standings.repository.js';
import { UserStandings } from './user-standings.service.js';

@Module({
  providers: [UserStandings, UserStandingsRepository],
  exports: [UserStandings, UserStandingsRepository],
})
export class StandingModule {}
