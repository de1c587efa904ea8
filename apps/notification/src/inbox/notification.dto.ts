import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

/** One page of a list. */
export class ListQueryDto {
  /** How many items at most. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(100) limit: number = 20;
  /** `nextCursor` of the page before. */
  @IsOptional() @IsString() @MaxLength(200) cursor?: string;
}

/** A message in the inbox. */
export class NotificationDto {
  id!: string;
  /** security, billing, product or marketing */
  category!: string;
  title!: string;
  /** Plain text. */
  body!: string;
  createdAt!: string;
  /** null while unread */
  readAt!: string | null;
}

/** A page of the inbox. */
export class NotificationListDto {
  items!: NotificationDto[];
  nextCursor!: string | null;
}

/** How many messages are unread. */
export class UnreadCountDto {
  unread!: number;
}
