import { Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { CurrentUser, type Principal, SignedIn } from '#libs/access';
import { InboxService } from './inbox.service.js';
import { ListQueryDto } from '../lists/list.dto.js';
import { NotificationListDto, UnreadCountDto } from './notification.dto.js';

/** The signed-in user's inbox. */
@SignedIn()
@Controller('notifications')
export class InboxController {
  constructor(private readonly inbox: InboxService) {}

  /** Newest first. */
  @Get()
  listNotifications(@CurrentUser() user: Principal, @Query() query: ListQueryDto): Promise<NotificationListDto> {
    return this.inbox.list(user.userId, query);
  }

  @Get('unread-count')
  async countUnread(@CurrentUser() user: Principal): Promise<UnreadCountDto> {
    return { unread: await this.inbox.countUnread(user.userId) };
  }

  @Post('read-all')
  @HttpCode(204)
  async markAllRead(@CurrentUser() user: Principal): Promise<void> {
    await this.inbox.markAllRead(user.userId);
  }

  @Post(':id/read')
  @HttpCode(204)
  async markRead(@CurrentUser() user: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<void> {
    await this.inbox.markRead(user.userId, id);
  }
}
