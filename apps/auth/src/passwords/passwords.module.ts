import { Module } from '@nestjs/common';
import { BreachCheck } from './breach-check.service.js';
import { PasswordHashingService } from './password-hashing.service.js';
import { PasswordRules } from './password-rules.service.js';

@Module({
  providers: [BreachCheck, PasswordHashingService, PasswordRules],
  exports: [PasswordHashingService, PasswordRules],
})
export class PasswordsModule {}
