import { Body, Controller, Get, HttpCode, Post, Query, Req, UseFilters } from '@nestjs/common';
import { ApiAcceptedResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { languageOf } from '#libs/pages';
import { Limits } from '#libs/throttling';
import { FormProblemFilter } from '../web/form-problem.filter.js';
import { type LinkVisit, Visit } from '../web/link-visit.js';
import { mailRequestOutcome, mailRequestPage } from '../web/mail-request.page.js';
import { AcceptedDto, RegisterDto, ResendVerificationDto } from './registration.dto.js';
import { RegistrationService } from './registration.service.js';

@ApiTags('sign-up')
@Controller('auth')
@Public()
@UseFilters(FormProblemFilter)
export class RegistrationController {
  constructor(private readonly registration: RegistrationService) {}

  /** The page on which one signs up. */
  @Get('register')
  showSignUp(@Query('problem') problem: unknown, @Visit() visit: LinkVisit): string {
    return visit.form(problem, (language, text) => mailRequestPage('sign-up', language, text));
  }

  /** Signs up; called by the page's form or with JSON. The answer is the same for every address; what happens next is told by mail. */
  @Post('register')
  @HttpCode(202)
  @ApiAcceptedResponse({ type: AcceptedDto })
  @Limits({ ip: { limit: 60, seconds: 3600 }, identifier: { limit: 10, seconds: 3600 } })
  register(
    @Body() { email, password, locale }: RegisterDto,
    @Req() request: FastifyRequest,
    @Visit() visit: LinkVisit,
  ): Promise<AcceptedDto | string> {
    const signUp = (): Promise<void> => this.registration.register(email, password, locale ?? languageOf(request));
    return visit.answer(
      signUp,
      mailRequestOutcome('sign-up', () => new AcceptedDto()),
    );
  }

  /** The page on which the confirmation link is asked for again. */
  @Get('resend-verification')
  showResend(@Query('problem') problem: unknown, @Visit() visit: LinkVisit): string {
    return visit.form(problem, (language, text) => mailRequestPage('resend', language, text));
  }

  /** Asks for the confirmation link again; called by the page's form or with JSON. */
  @Post('resend-verification')
  @HttpCode(202)
  @ApiAcceptedResponse({ type: AcceptedDto })
  @Limits({ ip: { limit: 60, seconds: 3600 }, identifier: { limit: 10, seconds: 3600 } })
  resend(
    @Body() { email }: ResendVerificationDto,
    @Req() request: FastifyRequest,
    @Visit() visit: LinkVisit,
  ): Promise<AcceptedDto | string> {
    const ask = (): Promise<void> => this.registration.resend(email, languageOf(request));
    return visit.answer(
      ask,
      mailRequestOutcome('resend', () => new AcceptedDto()),
    );
  }
}
