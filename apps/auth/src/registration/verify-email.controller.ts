import { Body, Controller, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { languageOf, PAGE_HEADERS } from '#libs/pages';
import { Limits } from '#libs/throttling';
import { isFormPost } from '../web/form.js';
import { LinkInvalidError } from './registration.errors.js';
import { VerifiedDto, VerifyEmailDto } from './registration.dto.js';
import { RegistrationService } from './registration.service.js';
import { confirmPage, resultPage } from './verify-email.page.js';

@ApiTags('sign-up')
@Controller('auth/verify-email')
@Public()
export class VerifyEmailController {
  constructor(private readonly registration: RegistrationService) {}

  /** The page the link in the mail opens. Looking at it changes nothing: mail scanners open links too. */
  @Get()
  showVerifyEmail(
    @Query('token') token: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    void reply.headers(PAGE_HEADERS);
    return confirmPage(languageOf(request), typeof token === 'string' ? token : '');
  }

  /** Confirms the address; called by the page's form or with JSON. */
  @Post()
  @HttpCode(200)
  @Limits({ ip: { limit: 60, seconds: 600 } })
  async verifyEmail(
    @Body() body: VerifyEmailDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<VerifiedDto | string> {
    if (!isFormPost(request)) {
      return new VerifiedDto(await this.registration.verify(body.token));
    }
    void reply.headers(PAGE_HEADERS);
    try {
      const { hasPassword } = await this.registration.verify(body.token);
      return resultPage(languageOf(request), hasPassword ? 'done' : 'passwordless');
    } catch (error) {
      if (!(error instanceof LinkInvalidError)) throw error;
      reply.status(422);
      return resultPage(languageOf(request), 'failed');
    }
  }
}
