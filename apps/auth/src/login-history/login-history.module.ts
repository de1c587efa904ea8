import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AdminLoginHistoryController } from './admin-login-history.controller.js';
import { LoginHistoryController } from './login-history.controller.js';
import { LoginHistoryRepository } from './login-history.repository.js';
import { LoginHistoryService } from './login-history.service.js';

@Module({
  imports: [AuditModule],
  controllers: [LoginHistoryController, AdminLoginHistoryController],
  providers: [LoginHistoryRepository, LoginHistoryService],
  exports: [LoginHistoryService],
})
export class LoginHistoryModule {}
