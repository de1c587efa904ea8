import { Body, Controller, Get, HttpCode, Post, Query, Req, UseFilters } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { CurrentUser, type Principal, Public, SignedIn } from '#libs/access';
import { DomainError } from '#libs/errors';
import { languageOf } from '#libs/pages';
import { Limits } from '#libs/throttling';
import { FormProblemFilter, problemOf } from '../web/form-problem.filter.js';
import { type LinkVisit, Visit } from '../web/link-visit.js';
import { mailRequestOutcome, mailRequestPage } from '../web/mail-request.page.js';
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

  /** The page on which a link to set a new password is asked for. */
  @Get('forgot')
  @Public()
  showForgot(@Query('problem') problem: unknown, @Visit() visit: LinkVisit): string {
    return visit.form(problem, (language, text) => mailRequestPage('forgot', language, text));
  }

  /** Asks for a link to set a new password; called by the page's form or with JSON. The answer is the same for every address. */
  @Post('forgot')
  @HttpCode(202)
  @ApiAcceptedResponse({ type: RecoveryAcceptedDto })
  @Public()
  @UseFilters(FormProblemFilter)
  @Limits({ ip: { limit: 60, seconds: 3600 }, identifier: { limit: 10, seconds: 3600 } })
  forgot(
    @Body() { email }: ForgotPasswordDto,
    @Req() request: FastifyRequest,
    @Visit() visit: LinkVisit,
  ): Promise<RecoveryAcceptedDto | string> {
    const ask = (): Promise<void> => this.recovery.forgot(email, languageOf(request));
    return visit.answer(
      ask,
      mailRequestOutcome('forgot', () => new RecoveryAcceptedDto()),
    );
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
  @ApiOkResponse({ type: PasswordResetDto })
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
