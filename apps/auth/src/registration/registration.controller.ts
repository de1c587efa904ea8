import { Body, Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import { ApiAcceptedResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { languageOf } from '#libs/pages';
import { Limits } from '#libs/throttling';
import { mailRequestOutcome, mailRequestPage, mailRequestProblem } from '../web/mail-request.page.js';
import { FormPage } from '../web/form-page.decorator.js';
import { type PageVisit, Visit } from '../web/page-visit.js';
import { AcceptedDto, RegisterDto, ResendVerificationDto } from './registration.dto.js';
import { RegistrationService } from './registration.service.js';

@ApiTags('sign-up')
@Controller('auth')
@Public()
export class RegistrationController {
  constructor(private readonly registration: RegistrationService) {}

  /** The page on which one signs up. */
  @Get('register')
  showSignUp(@Visit() visit: PageVisit): string {
    return visit.show((language) => mailRequestPage('sign-up', language));
  }

  /** Signs up; called by the page's form or with JSON. The answer is the same for every address; what happens next is told by mail. */
  @Post('register')
  @HttpCode(202)
  @FormPage(mailRequestProblem('sign-up'))
  @ApiAcceptedResponse({ type: AcceptedDto })
  @Limits({ ip: { limit: 60, seconds: 3600 }, identifier: { limit: 10, seconds: 3600 } })
  register(
    @Body() { email, password, locale }: RegisterDto,
    @Req() request: FastifyRequest,
    @Visit() visit: PageVisit,
  ): Promise<AcceptedDto | string> {
    const signUp = (): Promise<void> => this.registration.register(email, password, locale ?? languageOf(request));
    return visit.answer(
      signUp,
      mailRequestOutcome(() => new AcceptedDto()),
    );
  }

  /** The page on which the confirmation link is asked for again. */
  @Get('resend-verification')
  showResend(@Visit() visit: PageVisit): string {
    return visit.show((language) => mailRequestPage('resend', language));
  }

  /** Asks for the confirmation link again; called by the page's form or with JSON. */
  @Post('resend-verification')
  @HttpCode(202)
  @FormPage(mailRequestProblem('resend'))
  @ApiAcceptedResponse({ type: AcceptedDto })
  @Limits({ ip: { limit: 60, seconds: 3600 }, identifier: { limit: 10, seconds: 3600 } })
  resend(
    @Body() { email }: ResendVerificationDto,
    @Req() request: FastifyRequest,
    @Visit() visit: PageVisit,
  ): Promise<AcceptedDto | string> {
    const ask = (): Promise<void> => this.registration.resend(email, languageOf(request));
    return visit.answer(
      ask,
      mailRequestOutcome(() => new AcceptedDto()),
    );
  }
}
