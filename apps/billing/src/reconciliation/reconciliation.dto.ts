import { ApiProperty } from '@nestjs/swagger';
import { Instant } from '#libs/http';

/** The stretch of time to compare. */
export class ReconcileDto {
  @Instant()
  from!: Date;

  /** Exclusive. */
  @Instant()
  to!: Date;
}

/** A difference between the books. */
export class DifferenceDto {
  /** For example captured_not_credited */
  what!: string;
  /** The provider's id of what moved the money, or our payment's. */
  subject!: string;
  paymentId!: string | null;
  details!: string;
}

/** What moved, per currency in minor units. */
export class MovedDto {
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  provider!: Record<string, string>;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  ledger!: Record<string, string>;
}

/** What comparing the books with the provider's has brought. */
export class ReconciliationReportDto {
  ok!: boolean;
  from!: Date;
  to!: Date;
  lines!: number;
  /** Payments that were captured and not credited, and are credited now. */
  healed!: string[];
  differences!: DifferenceDto[];
  /** In flight over midnight the two differ. */
  moved!: MovedDto;
}

/** A report as it was kept. */
export class ReconciliationDto {
  id!: string;
  from!: Date;
  to!: Date;
  madeAt!: Date;
  ok!: boolean;
  report!: ReconciliationReportDto;
}

/** The last reports. */
export class ReconciliationListDto {
  items!: ReconciliationDto[];
}
