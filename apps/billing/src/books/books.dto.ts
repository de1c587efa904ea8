import { ApiProperty } from '@nestjs/swagger';

/** Something that is wrong. */
export class FaultDto {
  subject!: string;
  fault!: string;
}

/** What came of one check. */
export class CheckResultDto {
  name!: string;
  claim!: string;
  /** At most a hundred; `faultCount` tells how many there are. */
  faults!: FaultDto[];
  faultCount!: number;
}

/** The state of the books at one moment. */
export class BooksReportDto {
  ok!: boolean;
  at!: Date;
  checks!: CheckResultDto[];
  /** Amounts in minor units, as text. */
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'object', additionalProperties: { type: 'string' } },
  })
  figures!: Record<string, Record<string, string>>;
}
