import { Controller, Get, Headers, HttpCode, type MessageEvent, Param, Post, Query, Sse } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, SignedIn } from '#libs/access';
import type { Observable } from 'rxjs';
import { UuidPipe } from '#libs/http';
import { InboxService } from './inbox.service.js';
import { InboxStreams } from './inbox-streams.service.js';
import { InboxQueryDto, NotificationListDto, UnreadCountDto } from './notification.dto.js';

/** The signed-in user's inbox. */
@SignedIn()
@ApiTags('inbox')
@Controller('notifications')
export class InboxController {
  constructor(
    private readonly inbox: InboxService,
    private readonly streams: InboxStreams,
  ) {}

  /** Newest first. */
  @Get()
  listNotifications(@CurrentUser() user: Principal, @Query() query: InboxQueryDto): Promise<NotificationListDto> {
    return this.inbox.list(user.userId, query);
  }

  /** How many are unread. */
  @Get('unread-count')
  async countUnread(@CurrentUser() user: Principal): Promise<UnreadCountDto> {
    return { unread: await this.inbox.countUnread(user.userId) };
  }

  /**
   * What arrives, as it arrives (server-sent events `notification`, each with an id). A client that comes back with the last id in
   * `Last-Event-ID` gets everything it has missed, once. The stream ends with the session and with the access token.
   */
  @Sse('stream')
  stream(
    @CurrentUser() user: Principal,
    @Headers('authorization') authorization: string,
    @Headers('last-event-id') lastEventId?: string,
  ): Observable<MessageEvent> {
    return this.streams.open(user.userId, authorization.slice('Bearer '.length), lastEventId);
  }

  /** Marks all as read. */
  @Post('read-all')
  @HttpCode(204)
  async markAllRead(@CurrentUser() user: Principal): Promise<void> {
    await this.inbox.markAllRead(user.userId);
  }

  /** Marks one as read. */
  @Post(':id/read')
  @HttpCode(204)
  async markRead(@CurrentUser() user: Principal, @Param('id', UuidPipe) id: string): Promise<void> {
    await this.inbox.markRead(user.userId, id);
  }

  /** Takes one out of the list; it stays in the archive. */
  @Post(':id/archive')
  @HttpCode(204)
  async archive(@CurrentUser() user: Principal, @Param('id', UuidPipe) id: string): Promise<void> {
    await this.inbox.setArchived(user.userId, id, true);
  }

  /** Puts one back into the list. */
  @Post(':id/unarchive')
  @HttpCode(204)
  async unarchive(@CurrentUser() user: Principal, @Param('id', UuidPipe) id: string): Promise<void> {
    await this.inbox.setArchived(user.userId, id, false);
  }
}
