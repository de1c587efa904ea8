import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, SignedIn } from '#libs/access';
import { LoginHistoryDto, LoginHistoryQueryDto } from './login-history.dto.js';
import { LoginHistoryService } from './login-history.service.js';

@ApiTags('login history')
@Controller('users/me/login-history')
@SignedIn()
export class LoginHistoryController {
  constructor(private readonly history: LoginHistoryService) {}

  /** The signed-in user's own sign-ins, newest first. */
  @Get()
  async listLogins(
    @Query() query: LoginHistoryQueryDto,
    @CurrentUser() principal: Principal,
  ): Promise<LoginHistoryDto> {
    return LoginHistoryDto.of(query.limit, await this.history.page(query.filter(principal.userId, query.limit + 1)));
  }
}
