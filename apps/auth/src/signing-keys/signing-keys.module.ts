import { Module } from '@nestjs/common';
import { JwksController } from './jwks.controller.js';
import { LocalKeySource } from './local-key-source.service.js';
import { SigningKeysRepository } from './signing-keys.repository.js';
import { SigningKeysService } from './signing-keys.service.js';

@Module({
  controllers: [JwksController],
  providers: [SigningKeysRepository, SigningKeysService, LocalKeySource],
  exports: [SigningKeysService, LocalKeySource],
})
export class SigningKeysModule {}
