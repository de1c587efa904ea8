import { Type } from 'class-transformer';
import { IsDate } from 'class-validator';

/** The stretch of time to compare. */
export class ReconcileDto {
  @Type(() => Date)
  @IsDate()
  from!: Date;

  /** Exclusive. */
  @Type(() => Date)
  @IsDate()
  to!: Date;
}
