import { Controller, Get, Header, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '#libs/access';
import { historyCsv } from './history-csv.js';
import { LoginHistoryDto, LoginHistoryQueryDto } from './login-history.dto.js';
import { LoginHistoryService } from './login-history.service.js';

/** A file holds as many rows at most; the filters choose which. */
const CSV_ROWS = 10_000;

@ApiTags('admin: users')
@Controller('admin/users/:id')
@Roles('admin', 'super_user')
export class AdminLoginHistoryController {
  constructor(private readonly history: LoginHistoryService) {}

  /** A user's sign-ins, newest first. */
  @Get('login-history')
  async listUserLogins(
    @Param('id', new ParseUUIDPipe()) userId: string,
    @Query() query: LoginHistoryQueryDto,
  ): Promise<LoginHistoryDto> {
    return LoginHistoryDto.of(query.limit, await this.history.page(query.filter(userId, query.limit + 1)));
  }

  /** The same as a file, up to 10,000 rows. */
  @Get('login-history.csv')
  @Header('content-type', 'text/csv; charset=utf-8')
  @Header('content-disposition', 'attachment; filename="login-history.csv"')
  @Header('cache-control', 'no-store')
  async csv(@Param('id', new ParseUUIDPipe()) userId: string, @Query() query: LoginHistoryQueryDto): Promise<string> {
    return historyCsv(await this.history.page(query.filter(userId, CSV_ROWS)));
  }
}
