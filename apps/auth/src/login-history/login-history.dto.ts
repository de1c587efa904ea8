import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { Instant, PageLimit } from '#libs/http';
import { DEVICE_TYPES, type DeviceType } from '../sessions/client.js';
import { decodeCursor, encodeCursor } from './history-cursor.js';
import type { HistoryFilter } from './login-attempt.js';
import type { HistoryRow } from './login-history.repository.js';

const OUTCOMES = ['success', 'refused', 'challenged'] as const;

/** What to show of a login history. */
export class LoginHistoryQueryDto {
  @ApiProperty({ enum: DEVICE_TYPES, required: false })
  @IsOptional()
  @IsIn(DEVICE_TYPES)
  readonly deviceType?: DeviceType;

  @ApiProperty({ enum: OUTCOMES, required: false })
  @IsOptional()
  @IsIn(OUTCOMES)
  readonly outcome?: (typeof OUTCOMES)[number];

  @ApiProperty({ required: false, format: 'date-time' })
  @IsOptional()
  @Instant()
  readonly from?: Date;

  @ApiProperty({ required: false, format: 'date-time' })
  @IsOptional()
  @Instant()
  readonly to?: Date;

  @PageLimit(100)
  readonly limit: number = 20;

  @ApiProperty({ required: false, description: '`nextCursor` of the page before' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  readonly cursor?: string;

  /** The same, for the repository. Throws ValidationFailedError when the cursor is none of ours. */
  filter(userId: string, limit: number): HistoryFilter {
    const { deviceType, outcome, from, to, cursor } = this;
    return {
      userId,
      deviceType,
      outcome,
      from,
      to,
      after: cursor === undefined ? undefined : decodeCursor(cursor),
      limit,
    };
  }
}

/** An attempt to sign in. */
export class LoginAttemptDto {
  @ApiProperty({ format: 'uuid' })
  readonly id: string;
  @ApiProperty({ format: 'date-time' })
  readonly occurredAt: string;
  @ApiProperty({ enum: DEVICE_TYPES })
  readonly deviceType: DeviceType;
  @ApiProperty({ enum: ['password', 'google'] })
  readonly method: string;
  @ApiProperty({ enum: OUTCOMES })
  readonly outcome: string;
  @ApiProperty({ type: String, nullable: true })
  readonly ip: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly browser: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly os: string | null;

  constructor(row: HistoryRow) {
    this.id = row.id;
    this.occurredAt = row.occurredAt;
    this.deviceType = row.deviceType;
    this.method = row.method;
    this.outcome = row.outcome;
    this.ip = row.ip;
    this.browser = row.browser;
    this.os = row.os;
  }
}

/** A page of a login history, newest first. */
export class LoginHistoryDto {
  readonly items: LoginAttemptDto[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor: string | null;

  private constructor(rows: HistoryRow[], nextCursor: string | null) {
    this.items = rows.map((row) => new LoginAttemptDto(row));
    this.nextCursor = nextCursor;
  }

  /** A page of `limit` rows; one more row tells that there is a next page. */
  static of(limit: number, rows: HistoryRow[]): LoginHistoryDto {
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return new LoginHistoryDto(items, last ? encodeCursor(last) : null);
  }
}
