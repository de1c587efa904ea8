import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

/** One page of a list. */
export class ListQueryDto {
  /** How many items at most. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(100) limit: number = 20;
  /** `nextCursor` of the page before. */
  @IsOptional() @IsString() @MaxLength(200) cursor?: string;
}
