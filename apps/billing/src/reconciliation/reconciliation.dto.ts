import { Instant } from '#libs/http';

/** The stretch of time to compare. */
export class ReconcileDto {
  @Instant()
  from!: Date;

  /** Exclusive. */
  @Instant()
  to!: Date;
}
