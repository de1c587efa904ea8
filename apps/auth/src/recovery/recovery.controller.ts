import { Body, Controller, Get, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { CurrentUser, type Principal, Public, SignedIn } from '#libs/access';
import { DomainError } from '#libs/errors';
import { languageOf } from '#libs/pages';
import { Limits } from '#libs/throttling';
import { type LinkVisit, Visit } from '../web/link-visit.js';
import { PasswordChangeService } from './password-change.service.js';
import {
  ChangePasswordDto,
  ForgotPasswordDto,
  PasswordResetDto,
  RecoveryAcceptedDto,
  ResetPasswordDto,
} from './recovery.dto.js';
import { resetDonePage, resetPage } from './recovery.page.js';
import { RecoveryService } from './recovery.service.js';

@ApiTags('passwords')
@Controller('auth/password')
export class RecoveryController {
  constructor(
    private readonly recovery: RecoveryService,
    private readonly passwords: PasswordChangeService,
  ) {}

  /** Asks for a link to set a new password. The answer is the same for every address. */
  @Post('forgot')
  @HttpCode(202)
  @Public()
  @Limits({ ip: { limit: 60, seconds: 3600 }, identifier: { limit: 10, seconds: 3600 } })
  async forgot(@Body() body: ForgotPasswordDto, @Req() request: FastifyRequest): Promise<RecoveryAcceptedDto> {
    await this.recovery.forgot(body.email, languageOf(request));
    return new RecoveryAcceptedDto();
  }

  /** The page the link in the mail opens. */
  @Get('reset')
  @Public()
  showReset(@Query('token') token: unknown, @Visit() visit: LinkVisit): string {
    return visit.form(token, (language, text) => resetPage({ language, token: text }));
  }

  /** Sets a new password; called by the page's form or with JSON. Opens no session. */
  @Post('reset')
  @HttpCode(200)
  @Public()
  @Limits({ ip: { limit: 60, seconds: 600 } })
  reset(@Body() { token, password }: ResetPasswordDto, @Visit() visit: LinkVisit): Promise<PasswordResetDto | string> {
    return visit.answer(() => this.recovery.reset(token, password), {
      answer: () => new PasswordResetDto(),
      page: resetDonePage,
      knows: DomainError,
      failed: (language, error) => resetPage({ language, token, problem: problemOf(error) }),
    });
  }

  /** Changes the signed-in user's password. Every other session ends. */
  @Post('change')
  @HttpCode(204)
  @SignedIn()
  async changePassword(
    @Body() body: ChangePasswordDto,
    @CurrentUser() { userId, sessionId }: Principal,
  ): Promise<void> {
    await this.passwords.change(userId, sessionId, body.currentPassword, body.newPassword);
  }
}

/** The reason for a weak password is what the page tells about. */
function problemOf(error: DomainError): string {
  const reason = error.meta?.['reason'];
  return typeof reason === 'string' ? reason : error.code;
}
