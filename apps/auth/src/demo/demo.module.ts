import { Module } from '@nestjs/common';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { SecondFactorModule } from '../second-factor/second-factor.module.js';
import { SuperuserModule } from '../superuser/superuser.module.js';
import { UsersModule } from '../users/users.module.js';
import { DemoSuperuserService } from './demo-superuser.service.js';
import { SeedDemoCommand } from './seed-demo.command.js';

@Module({
  imports: [PasswordsModule, SecondFactorModule, SuperuserModule, UsersModule],
  providers: [DemoSuperuserService, SeedDemoCommand],
})
export class DemoModule {}
