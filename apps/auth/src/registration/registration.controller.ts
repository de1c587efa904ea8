import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { languageOf } from '#libs/pages';
import { Limits } from '#libs/throttling';
import { AcceptedDto, RegisterDto, ResendVerificationDto } from './registration.dto.js';
import { RegistrationService } from './registration.service.js';

@ApiTags('sign-up')
@Controller('auth')
@Public()
export class RegistrationController {
  constructor(private readonly registration: RegistrationService) {}

  /** Signs up. The answer is the same for every address; what happens next is told by mail. */
  @Post('register')
  @HttpCode(202)
  @Limits({ ip: { limit: 60, seconds: 3600 }, identifier: { limit: 10, seconds: 3600 } })
  async register(@Body() body: RegisterDto, @Req() request: FastifyRequest): Promise<AcceptedDto> {
    await this.registration.register(body.email, body.password, body.locale ?? languageOf(request));
    return new AcceptedDto();
  }

  /** Asks for the confirmation link again. */
  @Post('resend-verification')
  @HttpCode(202)
  @Limits({ ip: { limit: 60, seconds: 3600 }, identifier: { limit: 10, seconds: 3600 } })
  async resend(@Body() body: ResendVerificationDto, @Req() request: FastifyRequest): Promise<AcceptedDto> {
    await this.registration.resend(body.email, languageOf(request));
    return new AcceptedDto();
  }
}
