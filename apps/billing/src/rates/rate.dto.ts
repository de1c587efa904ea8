import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, Length, Matches } from 'class-validator';
import { Instant, PageLimit } from '#libs/http';

/** Exchange rates in force. */
export class RatesDto {
  base!: 'USD';
  /** Units for one USD, by currency; points included. */
  rates!: Record<string, string>;
  rateSetId!: string;
  provider!: string;
  publishedAt!: Date;
  /** Conversions are refused while this is true. */
  stale!: boolean;
  /** ExchangeRate-API's open access asks for this line. */
  attribution!: string;
}

/** Which kept answers of the sources are wanted. */
export class ListRateFetchesDto {
  @IsOptional()
  @IsIn(['accepted', 'unchanged', 'quarantined', 'rejected', 'failed'])
  status?: string;

  @PageLimit(200)
  limit: number = 50;
}

/** A decision about rates in quarantine. */
export class DecideRatesDto {
  @IsIn(['accepted', 'rejected'])
  decision!: 'accepted' | 'rejected';

  @Length(3, 500)
  reason!: string;
}

/** A new price of points. */
export class SetPointPriceDto {
  /** Points for one USD: "50" or "49.5". */
  @Matches(/^(?!0+(\.0+)?$)[0-9]{1,6}(\.[0-9]{1,6})?$/, {
    message: '$property must be a decimal number above zero, as text',
  })
  pointsPerUsd!: string;

  /** Now when absent. */
  @IsOptional()
  @Instant()
  effectiveFrom?: Date;

  @Length(3, 500)
  reason!: string;
}

/** The price of points from a moment on. */
export class PointPriceDto {
  id!: string;
  pointsPerUsd!: string;
  effectiveFrom!: Date;
}

/** An answer of a source as it was kept. */
export class RateFetchDto {
  id!: string;
  provider!: string;
  @ApiProperty({ enum: ['accepted', 'unchanged', 'quarantined', 'rejected', 'failed'] })
  status!: string;
  fetchedAt!: Date;
  publishedAt!: Date | null;
  /** Units per USD, by currency. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, nullable: true })
  rates!: Record<string, string> | null;
  fault!: string | null;
  decidedBy!: string | null;
}

/** What the sources answered, the newest first. */
export class RateFetchListDto {
  items!: RateFetchDto[];
}

/** What became of asking the sources. */
export class RateFetchOutcomeDto {
  status!: string;
}
