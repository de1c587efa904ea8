import { Body, Controller, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentUser, type Principal, Public, SignedIn } from '#libs/access';
import { Limits } from '#libs/throttling';
import { RefreshCookie } from '../web/refresh-cookie.service.js';
import type { Client } from './client.js';
import { RequestClient } from './client.decorator.js';
import { SessionEndedError } from './session.errors.js';
import { RefreshDto, SessionTokensDto } from './session-tokens.dto.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('sessions')
@Controller('auth')
export class SessionsController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly cookie: RefreshCookie,
  ) {}

  /** Spends a refresh token, from the body or the cookie, for a new pair of tokens. */
  @Post('refresh')
  @HttpCode(200)
  @Public()
  @Limits({ ip: { limit: 1_200, seconds: 60 } })
  @Header('cache-control', 'no-store')
  async refresh(
    @Body() body: RefreshDto,
    @RequestClient() client: Client,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionTokensDto> {
    if (body.refreshToken !== undefined)
      return new SessionTokensDto(await this.sessions.refresh(body.refreshToken, client));
    const token = this.cookie.read(request);
    if (token === undefined) throw new SessionEndedError();
    // A failure leaves the cookie alone: another tab may have put a newer one there.
    const tokens = await this.sessions.refresh(token, client);
    this.cookie.set(reply, tokens.refreshToken);
    return new SessionTokensDto(tokens, 'cookie');
  }

  /** Ends the session the refresh token belongs to. */
  @Post('logout')
  @HttpCode(204)
  @Public()
  async logout(
    @Body() body: RefreshDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const token = body.refreshToken ?? this.cookie.read(request);
    if (token !== undefined) await this.sessions.logout(token);
    if (body.refreshToken === undefined) this.cookie.clear(reply);
  }

  /** Ends every session of the signed-in user. */
  @Post('logout-all')
  @HttpCode(204)
  @SignedIn()
  async logoutAll(@CurrentUser() principal: Principal): Promise<void> {
    await this.sessions.logoutAll(principal.userId);
  }
}
