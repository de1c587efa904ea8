import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '#libs/access';
import { Limits } from '#libs/throttling';
import type { Client } from '../sessions/client.js';
import { RequestClient } from '../sessions/client.decorator.js';
import { SessionTokensDto } from '../sessions/session-tokens.dto.js';
import { SignInDto } from './sign-in.dto.js';
import { SignInService } from './sign-in.service.js';

/**
 * Tries in a quarter of an hour, good or bad: by network, and by network and account together. By the account alone they are counted in
 * PostgreSQL, where a new password sets its owner free: a count here would let a stranger keep the owner out. Good tries count as well, and
 * whole offices and mobile networks share an address: the figures leave room for them, since guessing is stopped by the count per account.
 * The login page and the API are counted together.
 */
export const LimitSignIns = (): MethodDecorator =>
  Limits({ ip: { limit: 300, seconds: 900 }, pair: { limit: 30, seconds: 900 } }, 'sign-in');

@ApiTags('sign-in')
@Controller('auth')
@Public()
export class SignInController {
  constructor(private readonly signIn: SignInService) {}

  /** Signs in with address and password. */
  @Post('login')
  @HttpCode(200)
  @LimitSignIns()
  @Header('cache-control', 'no-store')
  async login(@Body() body: SignInDto, @RequestClient() client: Client): Promise<SessionTokensDto> {
    const { tokens } = await this.signIn.signIn(body.email, body.password, client);
    return new SessionTokensDto(tokens);
  }
}
