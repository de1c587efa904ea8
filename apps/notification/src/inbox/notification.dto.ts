import { IsIn, IsOptional } from 'class-validator';
import { ListQueryDto } from '../lists/list.dto.js';

/** One page of the inbox, or of what was archived. */
export class InboxQueryDto extends ListQueryDto {
  /** true: the archived messages instead of the inbox. */
  @IsOptional() @IsIn(['true', 'false']) archived?: 'true' | 'false';
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
  /** null while in the inbox */
  archivedAt!: string | null;
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
