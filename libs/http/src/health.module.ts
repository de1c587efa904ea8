import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import { HEALTH_CHECKS, type HealthCheck, HealthController, HealthService } from './health.js';

/** `/health/live`, `/health/ready` and `/metrics` over the app's own list of dependencies. */
@Module({})
export class HealthModule {
  static forRootAsync(options: Pick<FactoryProvider<HealthCheck[]>, 'inject' | 'useFactory'>): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [
        HealthService,
        { provide: HEALTH_CHECKS, inject: options.inject ?? [], useFactory: options.useFactory },
      ],
    };
  }
}
