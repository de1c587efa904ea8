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
