import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { JwksController } from './jwks.controller.js';
import { LocalKeySource } from './local-key-source.service.js';
import { SigningKeysRepository } from './signing-keys.repository.js';
import { SigningKeysService } from './signing-keys.service.js';

@Module({
  imports: [AuditModule],
  controllers: [JwksController],
  providers: [SigningKeysRepository, SigningKeysService, LocalKeySource],
  exports: [SigningKeysService, LocalKeySource],
})
export class SigningKeysModule {}
