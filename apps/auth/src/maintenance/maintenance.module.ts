import { Module } from '@nestjs/common';
import { SigningKeysModule } from '../signing-keys/signing-keys.module.js';
import { MaintenanceRepository } from './maintenance.repository.js';
import { MaintenanceService } from './maintenance.service.js';

@Module({ imports: [SigningKeysModule], providers: [MaintenanceRepository, MaintenanceService] })
export class MaintenanceModule {}
