import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { UuidPipe } from '#libs/http';
import { AuditService } from '../audit/audit.service.js';
import { SessionListDto } from '../sessions/session.dto.js';
import { SessionsListRepository } from '../sessions/sessions-list.repository.js';
import {
  AdminUserDto,
  AdminUserListDto,
  BlockUserDto,
  DisableSecondFactorDto,
  SetRolesDto,
  UserSearchDto,
} from './admin.dto.js';
import { UserNotFoundError } from './admin.errors.js';
import { AdminUsersRepository } from './admin-users.repository.js';
import { AdminUsersService } from './admin-users.service.js';

@ApiTags('admin: users')
@Controller('admin/users')
@Roles('admin', 'super_user')
export class AdminUsersController {
  constructor(
    private readonly admin: AdminUsersService,
    private readonly users: AdminUsersRepository,
    private readonly sessions: SessionsListRepository,
    private readonly audit: AuditService,
  ) {}

  /** Users, the newest first. */
  @Get()
  async search(@CurrentUser() actor: Principal, @Query() query: UserSearchDto): Promise<AdminUserListDto> {
    const { cursor: after, limit, email, role, blocked } = query;
    const found = await this.users.search({ email, role, blocked, after, limit: limit + 1 });
    const items = found.slice(0, limit);
    await this.audit.viewed(
      actor.userId,
      'user.viewed',
      items.map(({ id }) => id),
    );
    return new AdminUserListDto(items, found.length > limit ? items.at(-1)!.id : null);
  }

  /** One user. */
  @Get(':id')
  async get(@Param('id', UuidPipe) id: string, @CurrentUser() actor: Principal): Promise<AdminUserDto> {
    const user = await this.users.find(id);
    if (!user) throw new UserNotFoundError();
    await this.audit.viewed(actor.userId, 'user.viewed', [id]);
    return new AdminUserDto(user);
  }

  /** Gives a user exactly these roles; needs a recent sign-in. */
  @Put(':id/roles')
  @HttpCode(204)
  @Roles('super_user')
  async setRoles(
    @Param('id', UuidPipe) id: string,
    @Body() body: SetRolesDto,
    @CurrentUser() actor: Principal,
  ): Promise<void> {
    await this.admin.setRoles(actor, id, body.roles);
  }

  /** Keeps a user out. */
  @Post(':id/block')
  @HttpCode(204)
  async block(
    @Param('id', UuidPipe) id: string,
    @Body() body: BlockUserDto,
    @CurrentUser() actor: Principal,
  ): Promise<void> {
    await this.admin.block(actor, id, body.reason, body.until ?? null);
  }

  /** Lets a user in again. */
  @Post(':id/unblock')
  @HttpCode(204)
  async unblock(@Param('id', UuidPipe) id: string, @CurrentUser() actor: Principal): Promise<void> {
    await this.admin.unblock(actor, id);
  }

  /** Takes a user's second factor away and ends all their sessions; needs a recent sign-in, and is for others than oneself. */
  @Post(':id/second-factor/disable')
  @HttpCode(204)
  @Roles('super_user')
  async disableSecondFactor(
    @Param('id', UuidPipe) id: string,
    @Body() body: DisableSecondFactorDto,
    @CurrentUser() actor: Principal,
  ): Promise<void> {
    await this.admin.disableSecondFactor(actor, id, body.reason);
  }

  /** A user's devices. */
  @Get(':id/sessions')
  async listSessions(@Param('id', UuidPipe) id: string, @CurrentUser() actor: Principal): Promise<SessionListDto> {
    await this.audit.viewed(actor.userId, 'sessions.viewed', [id]);
    return new SessionListDto(await this.sessions.liveOf(id));
  }

  /** Ends all sessions of a user. */
  @Delete(':id/sessions')
  @HttpCode(204)
  async endSessions(@Param('id', UuidPipe) id: string, @CurrentUser() actor: Principal): Promise<void> {
    await this.admin.endSessions(actor, id, null);
  }

  /** Ends one session of a user. */
  @Delete(':id/sessions/:sessionId')
  @HttpCode(204)
  async endSession(
    @Param('id', UuidPipe) id: string,
    @Param('sessionId', UuidPipe) sessionId: string,
    @CurrentUser() actor: Principal,
  ): Promise<void> {
    await this.admin.endSessions(actor, id, sessionId);
  }
}
