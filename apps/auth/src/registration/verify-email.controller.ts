import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '#libs/access';
import { Limits } from '#libs/throttling';
import { type LinkVisit, Visit } from '../web/link-visit.js';
import { LinkInvalidError } from './registration.errors.js';
import { VerifiedDto, VerifyEmailDto } from './registration.dto.js';
import { RegistrationService } from './registration.service.js';
import { confirmPage, resultPage } from './verify-email.page.js';

@ApiTags('sign-up')
@Controller('auth/verify-email')
@Public()
export class VerifyEmailController {
  constructor(private readonly registration: RegistrationService) {}

  /** The page the link in the mail opens. */
  @Get()
  showVerifyEmail(@Query('token') token: unknown, @Visit() visit: LinkVisit): string {
    return visit.form(token, confirmPage);
  }

  /** Confirms the address; called by the page's form or with JSON. */
  @Post()
  @HttpCode(200)
  @ApiOkResponse({ type: VerifiedDto })
  @Limits({ ip: { limit: 60, seconds: 600 } })
  verifyEmail(@Body() body: VerifyEmailDto, @Visit() visit: LinkVisit): Promise<VerifiedDto | string> {
    return visit.answer(() => this.registration.verify(body.token), {
      answer: (verified) => new VerifiedDto(verified),
      page: (language, { hasPassword }) => resultPage(language, hasPassword ? 'done' : 'passwordless'),
      knows: LinkInvalidError,
      failed: (language) => resultPage(language, 'failed'),
    });
  }
}
