import { Global, Module } from '@nestjs/common';
import { AuthConfig } from './auth.config.js';

/** The parsed environment, for every module. */
@Global()
@Module({ providers: [{ provide: AuthConfig, useFactory: () => new AuthConfig() }], exports: [AuthConfig] })
export class ConfigModule {}
