import { Global, Module } from '@nestjs/common';
import { BillingConfig } from './billing.config.js';

/** The parsed environment, for every module. */
@Global()
@Module({ providers: [{ provide: BillingConfig, useFactory: () => new BillingConfig() }], exports: [BillingConfig] })
export class ConfigModule {}
