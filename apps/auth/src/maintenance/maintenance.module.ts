import { Module } from '@nestjs/common';
import { AccountModule } from '../account/account.module.js';
import { SigningKeysModule } from '../signing-keys/signing-keys.module.js';
import { MaintenanceRepository } from './maintenance.repository.js';
import { MaintenanceService } from './maintenance.service.js';

@Module({ imports: [AccountModule, SigningKeysModule], providers: [MaintenanceRepository, MaintenanceService] })
export class MaintenanceModule {}
