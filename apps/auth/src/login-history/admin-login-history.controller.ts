import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { UuidPipe } from '#libs/http';
import { AuditService } from '../audit/audit.service.js';
import { historyCsv } from './history-csv.js';
import { LoginHistoryDto, LoginHistoryQueryDto } from './login-history.dto.js';
import { LoginHistoryService } from './login-history.service.js';

/** A file holds as many rows at most; the filters choose which. */
const CSV_ROWS = 10_000;

@ApiTags('admin: users')
@Controller('admin/users/:id')
@Roles('admin', 'super_user')
export class AdminLoginHistoryController {
  constructor(
    private readonly history: LoginHistoryService,
    private readonly audit: AuditService,
  ) {}

  /** A user's sign-ins, newest first. */
  @Get('login-history')
  async listUserLogins(
    @Param('id', UuidPipe) userId: string,
    @Query() query: LoginHistoryQueryDto,
    @CurrentUser() actor: Principal,
  ): Promise<LoginHistoryDto> {
    await this.audit.viewed(actor.userId, 'login_history.viewed', [userId]);
    return LoginHistoryDto.of(query.limit, await this.history.page(query.filter(userId, query.limit + 1)));
  }

  /** The same as a file, up to 10,000 rows. */
  @Get('login-history.csv')
  @Header('content-type', 'text/csv; charset=utf-8')
  @Header('content-disposition', 'attachment; filename="login-history.csv"')
  @Header('cache-control', 'no-store')
  async csv(
    @Param('id', UuidPipe) userId: string,
    @Query() query: LoginHistoryQueryDto,
    @CurrentUser() actor: Principal,
  ): Promise<string> {
    await this.audit.viewed(actor.userId, 'login_history.viewed', [userId]);
    return historyCsv(await this.history.page(query.filter(userId, CSV_ROWS)));
  }
}
