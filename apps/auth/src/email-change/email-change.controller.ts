import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Public, SignedIn } from '#libs/access';
import { Limits } from '#libs/throttling';
import { FormPage } from '../web/form-page.decorator.js';
import { type PageVisit, Visit } from '../web/page-visit.js';
import { ChangeEmailDto, ConfirmEmailDto, EmailChangeAcceptedDto, EmailConfirmedDto } from './email-change.dto.js';
import { EmailChangeService } from './email-change.service.js';
import { CONFIRM_PATH, confirmPage, confirmProblem, confirmResultPage } from './email-confirm.page.js';

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
  showEmailConfirmation(@Query('token') token: unknown, @Visit() visit: PageVisit): string {
    return visit.showFor(token, (language, text) => confirmPage(language, text));
  }

  /** Confirms the new address; called by the page's form or with JSON. */
  @Post(CONFIRM_PATH)
  @HttpCode(200)
  @ApiOkResponse({ type: EmailConfirmedDto })
  @Public()
  @FormPage(confirmProblem)
  @Limits({ ip: { limit: 60, seconds: 600 } })
  confirmEmail(@Body() body: ConfirmEmailDto, @Visit() visit: PageVisit): Promise<EmailConfirmedDto | string> {
    return visit.answer(() => this.emailChange.confirm(body.token), {
      answer: () => new EmailConfirmedDto(),
      page: (language) => confirmResultPage(language, 'done'),
    });
  }
}
