import { Module } from '@nestjs/common';
import { EntitlementsModule } from '../entitlements/entitlements.module.js';
import { ProfilesModule } from '../profiles/profiles.module.js';
import { StandingModule } from '../standing/standing.module.js';
import { PaidTimeModule } from '../subscriptions/paid-time.module.js';
import { UsersConsumer } from './users.consumer.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [StandingModule, EntitlementsModule, PaidTimeModule, ProfilesModule],
  controllers: [UsersConsumer],
  providers: [UsersService],
})
export class UsersModule {}
