import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, SignedIn } from '#libs/access';
import { decodeCursor, encodeCursor } from './history-cursor.js';
import { LoginHistoryDto, LoginHistoryQueryDto } from './login-history.dto.js';
import { LoginHistoryService } from './login-history.service.js';

@ApiTags('login history')
@Controller('users/me/login-history')
@SignedIn()
export class LoginHistoryController {
  constructor(private readonly history: LoginHistoryService) {}

  /** The signed-in user's own sign-ins, newest first. */
  @Get()
  async mine(@Query() query: LoginHistoryQueryDto, @CurrentUser() principal: Principal): Promise<LoginHistoryDto> {
    const { deviceType, outcome, from, to, limit, cursor } = query;
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    const filter = { userId: principal.userId, deviceType, outcome, from, to, after, limit: limit + 1 };
    const rows = await this.history.page(filter);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return new LoginHistoryDto(items, last ? encodeCursor(last) : null);
  }
}
