import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';

/** Where rules get the time from. */
export abstract class Clock {
  /** The time, in whole milliseconds; inside a transaction it may stand still. */
  abstract now(): Promise<Date>;
}

/** PostgreSQL's clock: the same for every node, whatever their own clocks say. */
@Injectable()
export class DatabaseClock extends Clock {
  constructor(private readonly unitOfWork: UnitOfWork) {
    super();
  }

  override async now(): Promise<Date> {
    // clock_timestamp(), not now(): a transaction that waited for a lock must not act on a time from before the wait.
    const [row] = await this.unitOfWork.manager.query<{ now: Date }[]>('SELECT clock_timestamp() AS now');
    return row!.now;
  }
}
