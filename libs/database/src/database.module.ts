import { type DynamicModule, type InjectionToken, Module } from '@nestjs/common';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import type { DataSourceOptions } from 'typeorm';
import { type DatabaseOptions, dataSourceOptions, ResilientDataSource } from './data-source.js';
import { UnitOfWork } from './unit-of-work.js';

/** Options made from other providers, the app's configuration for example. */
export interface DatabaseAsyncOptions {
  imports?: DynamicModule['imports'];
  inject?: InjectionToken[];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  useFactory: (...dependencies: any[]) => DatabaseOptions | Promise<DatabaseOptions>;
}

/** An app's PostgreSQL: the data source and the `UnitOfWork`, for every module. Start-up waits for the server. */
@Module({})
export class DatabaseModule {
  static forRoot(options: DatabaseOptions): DynamicModule {
    return DatabaseModule.forRootAsync({ useFactory: () => options });
  }

  static forRootAsync(options: DatabaseAsyncOptions): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      imports: [
        TypeOrmModule.forRootAsync({
          imports: options.imports ?? [],
          inject: options.inject ?? [],
          useFactory: async (...dependencies: unknown[]) => withBootRetries(await options.useFactory(...dependencies)),
          dataSourceFactory: async (settings) => new ResilientDataSource(settings as DataSourceOptions).initialize(),
        }),
      ],
      providers: [UnitOfWork],
      exports: [UnitOfWork, TypeOrmModule],
    };
  }
}

/** A service started before its database keeps trying once a second instead of dying. */
function withBootRetries(options: DatabaseOptions): TypeOrmModuleOptions {
  return { ...dataSourceOptions(options), retryAttempts: Number.MAX_SAFE_INTEGER, retryDelay: 1_000 };
}
