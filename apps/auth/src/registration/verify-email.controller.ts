import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '#libs/access';
import { Limits } from '#libs/throttling';
import { FormPage } from '../web/form-page.decorator.js';
import { type PageVisit, Visit } from '../web/page-visit.js';
import { VerifiedDto, VerifyEmailDto } from './registration.dto.js';
import { RegistrationService } from './registration.service.js';
import { confirmPage, confirmProblem, resultPage } from './verify-email.page.js';

@ApiTags('sign-up')
@Controller('auth/verify-email')
@Public()
export class VerifyEmailController {
  constructor(private readonly registration: RegistrationService) {}

  /** The page the link in the mail opens. */
  @Get()
  showVerifyEmail(@Query('token') token: unknown, @Visit() visit: PageVisit): string {
    return visit.showFor(token, (language, text) => confirmPage(language, text));
  }

  /** Confirms the address; called by the page's form or with JSON. */
  @Post()
  @HttpCode(200)
  @ApiOkResponse({ type: VerifiedDto })
  @FormPage(confirmProblem)
  @Limits({ ip: { limit: 60, seconds: 600 } })
  verifyEmail(@Body() body: VerifyEmailDto, @Visit() visit: PageVisit): Promise<VerifiedDto | string> {
    return visit.answer(() => this.registration.verify(body.token), {
      answer: (verified) => new VerifiedDto(verified),
      page: (language, { hasPassword }) => resultPage(language, hasPassword ? 'done' : 'passwordless'),
    });
  }
}
