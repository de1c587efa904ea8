import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Length, Matches, Max, Min } from 'class-validator';

/** Which are shown. */
export class ListDeadLettersDto {
  /** How many at most. */
  @ApiPropertyOptional() @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(200) limit: number = 50;
  /** `nextCursor` of the page before. */
  @IsOptional() @Matches(/^[A-Za-z0-9_-]{1,400}$/) cursor?: string;
}

/** Why messages are thrown away. */
export class DiscardDeadLettersDto {
  @Length(3, 500) reason!: string;
}

/** How many messages a consumer could not deal with. */
export class DeadLetterQueueDto {
  consumer!: string;
  messages!: number;
}

/** All consumers of the service. */
export class DeadLetterQueueListDto {
  items!: DeadLetterQueueDto[];
}

/** A message that a consumer could not deal with. */
export class DeadLetterSummaryDto {
  /** The message's id, or a hash of its body when it has none. */
  id!: string;
  /** The event, as far as known. */
  name!: string | null;
  /** Why: the code of the error, or what the broker says. */
  reason!: string;
  error!: string | null;
  /** The try that failed. */
  attempt!: number;
  deadAt!: string | null;
  bytes!: number;
}

/** A page, the oldest first; only the oldest thousand are within reach. */
export class DeadLetterListDto {
  items!: DeadLetterSummaryDto[];
  nextCursor!: string | null;
}

/** The same with what it says; sealed secrets are left out. */
export class DeadLetterDto extends DeadLetterSummaryDto {
  headers!: Record<string, string>;
  /** The first 10,000 characters. */
  body!: string;
}

/** What was done. */
export class DealtWithDto {
  /** How many messages; at most a thousand at a time. */
  messages!: number;
}
