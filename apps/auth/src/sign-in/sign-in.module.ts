import { Module } from '@nestjs/common';
import { LoginHistoryModule } from '../login-history/login-history.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { SecondFactorModule } from '../second-factor/second-factor.module.js';
import { UsersModule } from '../users/users.module.js';
import { SignInController } from './sign-in.controller.js';
import { SignInFailuresRepository } from './sign-in-failures.repository.js';
import { SignInService } from './sign-in.service.js';

@Module({
  imports: [LoginHistoryModule, PasswordsModule, SecondFactorModule, UsersModule],
  controllers: [SignInController],
  providers: [SignInService, SignInFailuresRepository],
  exports: [SignInService, SignInFailuresRepository],
})
export class SignInModule {}
