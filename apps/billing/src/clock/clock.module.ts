import { Global, Module } from '@nestjs/common';
import { Clock, DatabaseClock } from './clock.js';

/** The one clock of the service. */
@Global()
@Module({ providers: [{ provide: Clock, useClass: DatabaseClock }], exports: [Clock] })
export class ClockModule {}
