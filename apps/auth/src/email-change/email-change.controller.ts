import { Body, Controller, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentUser, type Principal, Public, SignedIn } from '#libs/access';
import { languageOf, PAGE_HEADERS } from '#libs/pages';
import { Limits } from '#libs/throttling';
import { LinkInvalidError } from '../registration/registration.errors.js';
import { confirmPage, resultPage } from '../registration/verify-email.page.js';
import { isFormPost } from '../web/form.js';
import { ChangeEmailDto, ConfirmEmailDto, EmailChangeAcceptedDto, EmailConfirmedDto } from './email-change.dto.js';
import { EmailChangeService } from './email-change.service.js';

const CONFIRM_PATH = '/auth/email/confirm';

@ApiTags('users')
@Controller()
export class EmailChangeController {
  constructor(private readonly emailChange: EmailChangeService) {}

  /** Asks to move to another address; needs a recent sign-in. */
  @Post('users/me/email')
  @HttpCode(202)
  @SignedIn()
  @Limits({ ip: { limit: 30, seconds: 3600 } })
  async changeEmail(
    @Body() body: ChangeEmailDto,
    @CurrentUser() { userId, sessionId }: Principal,
  ): Promise<EmailChangeAcceptedDto> {
    await this.emailChange.request(userId, sessionId, body.email);
    return new EmailChangeAcceptedDto();
  }

  /** The page the link in the mail opens. */
  @Get(CONFIRM_PATH)
  @Public()
  showEmailConfirmation(
    @Query('token') token: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    void reply.headers(PAGE_HEADERS);
    return confirmPage(languageOf(request), typeof token === 'string' ? token : '', CONFIRM_PATH);
  }

  /** Confirms the new address; called by the page's form or with JSON. */
  @Post(CONFIRM_PATH)
  @HttpCode(200)
  @Public()
  @Limits({ ip: { limit: 60, seconds: 600 } })
  async confirmEmail(
    @Body() body: ConfirmEmailDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EmailConfirmedDto | string> {
    if (!isFormPost(request)) {
      await this.emailChange.confirm(body.token);
      return new EmailConfirmedDto();
    }
    void reply.headers(PAGE_HEADERS);
    try {
      await this.emailChange.confirm(body.token);
      return resultPage(languageOf(request), 'done');
    } catch (error) {
      if (!(error instanceof LinkInvalidError)) throw error;
      reply.status(422);
      return resultPage(languageOf(request), 'failed');
    }
  }
}
