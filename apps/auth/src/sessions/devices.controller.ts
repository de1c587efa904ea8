import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, SignedIn } from '#libs/access';
import { UuidPipe } from '#libs/http';
import { SessionListDto } from './session.dto.js';
import { SessionNotFoundError } from './session.errors.js';
import { SessionsListRepository } from './sessions-list.repository.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('sessions')
@Controller('users/me/sessions')
@SignedIn()
export class DevicesController {
  constructor(
    private readonly list: SessionsListRepository,
    private readonly sessions: SessionsService,
  ) {}

  /** The signed-in user's devices. */
  @Get()
  async listDevices(@CurrentUser() { userId, sessionId }: Principal): Promise<SessionListDto> {
    return new SessionListDto(await this.list.liveOf(userId), sessionId);
  }

  /** Signs out every device but this one. */
  @Delete('others')
  @HttpCode(204)
  async endOthers(@CurrentUser() { userId, sessionId }: Principal): Promise<void> {
    await this.sessions.endOthers(userId, sessionId);
  }

  /** Signs one device out. */
  @Delete(':id')
  @HttpCode(204)
  async end(@Param('id', UuidPipe) id: string, @CurrentUser() { userId }: Principal): Promise<void> {
    if (!(await this.sessions.endOne(userId, id))) throw new SessionNotFoundError();
  }
}
