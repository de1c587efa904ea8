import { Module } from '@nestjs/common';
import { MailRequestsModule } from '../mail-requests/mail-requests.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { UsersModule } from '../users/users.module.js';
import { RegistrationController } from './registration.controller.js';
import { RegistrationService } from './registration.service.js';
import { VerifyEmailController } from './verify-email.controller.js';

@Module({
  imports: [MailRequestsModule, PasswordsModule, UsersModule],
  controllers: [RegistrationController, VerifyEmailController],
  providers: [RegistrationService],
})
export class RegistrationModule {}
