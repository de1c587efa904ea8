import { type DynamicModule, type InjectionToken, Module } from '@nestjs/common';
import { DeadLettersAdminService, RECORD_ACT, type RecordAct } from './dead-letters-admin.service.js';
import { DeadLettersController } from './dead-letters.controller.js';

/** How acts upon dead letters get into the app's audit log. */
export interface DeadLettersModuleOptions {
  imports?: DynamicModule['imports'];
  inject: InjectionToken[];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  useFactory: (...dependencies: any[]) => RecordAct;
}

/** Admin routes for the dead letters of an app that imports MessagingModule. */
@Module({})
export class DeadLettersModule {
  static forRootAsync({ imports = [], inject, useFactory }: DeadLettersModuleOptions): DynamicModule {
    return {
      module: DeadLettersModule,
      imports,
      controllers: [DeadLettersController],
      providers: [{ provide: RECORD_ACT, inject, useFactory }, DeadLettersAdminService],
    };
  }
}
