import { IsOptional, IsString, MaxLength } from 'class-validator';
import { PageLimit } from '#libs/http';

/** One page of a list. */
export class ListQueryDto {
  @PageLimit(100) limit: number = 20;
  /** `nextCursor` of the page before. */
  @IsOptional() @IsString() @MaxLength(200) cursor?: string;
}
