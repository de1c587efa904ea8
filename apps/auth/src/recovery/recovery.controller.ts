import { Body, Controller, Get, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { CurrentUser, type Principal, Public, SignedIn } from '#libs/access';
import { languageOf } from '#libs/pages';
import { Limits } from '#libs/throttling';
import { mailRequestOutcome, mailRequestPage, mailRequestProblem } from '../web/mail-request.page.js';
import { FormPage } from '../web/form-page.decorator.js';
import { type PageVisit, Visit } from '../web/page-visit.js';
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
  showForgot(@Visit() visit: PageVisit): string {
    return visit.show((language) => mailRequestPage('forgot', language));
  }

  /** Asks for a link to set a new password; called by the page's form or with JSON. The answer is the same for every address. */
  @Post('forgot')
  @HttpCode(202)
  @ApiAcceptedResponse({ type: RecoveryAcceptedDto })
  @Public()
  @FormPage(mailRequestProblem('forgot'))
  @Limits({ ip: { limit: 60, seconds: 3600 }, identifier: { limit: 10, seconds: 3600 } })
  forgot(
    @Body() { email }: ForgotPasswordDto,
    @Req() request: FastifyRequest,
    @Visit() visit: PageVisit,
  ): Promise<RecoveryAcceptedDto | string> {
    const ask = (): Promise<void> => this.recovery.forgot(email, languageOf(request));
    return visit.answer(
      ask,
      mailRequestOutcome(() => new RecoveryAcceptedDto()),
    );
  }

  /** The page the link in the mail opens. */
  @Get('reset')
  @Public()
  showReset(@Query('token') token: unknown, @Visit() visit: PageVisit): string {
    return visit.showFor(token, (language, text) => resetPage({ language, token: text }));
  }

  /** Sets a new password; called by the page's form or with JSON. Opens no session. */
  @Post('reset')
  @HttpCode(200)
  @ApiOkResponse({ type: PasswordResetDto })
  @Public()
  @FormPage(({ language, problem, field }) => resetPage({ language, problem, token: field('token') }))
  @Limits({ ip: { limit: 60, seconds: 600 } })
  reset(@Body() { token, password }: ResetPasswordDto, @Visit() visit: PageVisit): Promise<PasswordResetDto | string> {
    return visit.answer(() => this.recovery.reset(token, password), {
      answer: () => new PasswordResetDto(),
      page: resetDonePage,
    });
  }

  /** Changes the signed-in user's password. Every other session ends. */
  @Post('change')
  @HttpCode(204)
  @SignedIn()
  @Limits({ ip: { limit: 60, seconds: 3600 } })
  async changePassword(
    @Body() body: ChangePasswordDto,
    @CurrentUser() { userId, sessionId }: Principal,
  ): Promise<void> {
    await this.passwords.change(userId, sessionId, body.currentPassword, body.newPassword);
  }
}
