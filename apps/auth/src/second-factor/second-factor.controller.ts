import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Public, SignedIn } from '#libs/access';
import { Limits } from '#libs/throttling';
import type { Client } from '../sessions/client.js';
import { RequestClient } from '../sessions/client.decorator.js';
import { SessionTokensDto } from '../sessions/session-tokens.dto.js';
import { GatekeeperService } from './gatekeeper.service.js';
import { CodeDto, MeetChallengeDto, RecoveryCodesDto, TotpSecretDto } from './second-factor.dto.js';
import { SecondFactorService } from './second-factor.service.js';

/** Codes tried for challenges, by network; the login page and the API are counted together. */
export const LimitCodes = (): MethodDecorator => Limits({ ip: { limit: 120, seconds: 600 } }, 'second-factor');

@ApiTags('second factor')
@Controller('auth/mfa')
export class SecondFactorController {
  constructor(
    private readonly gatekeeper: GatekeeperService,
    private readonly secondFactor: SecondFactorService,
  ) {}

  /** Meets the challenge of a sign-in with a code. */
  @Post('verify')
  @HttpCode(200)
  @Public()
  @LimitCodes()
  @Header('cache-control', 'no-store')
  async verify(@Body() body: MeetChallengeDto, @RequestClient() client: Client): Promise<SessionTokensDto> {
    const { tokens } = await this.gatekeeper.meet(body.challenge, body.code, client);
    return new SessionTokensDto(tokens);
  }

  /** Begins to set up an authenticator app; needs a recent sign-in. */
  @Post('totp')
  @SignedIn()
  @Header('cache-control', 'no-store')
  async beginTotp(@CurrentUser() principal: Principal): Promise<TotpSecretDto> {
    return this.secondFactor.begin(principal);
  }

  /** Switches the second factor on by a first code. */
  @Post('totp/confirm')
  @HttpCode(200)
  @SignedIn()
  @Header('cache-control', 'no-store')
  async confirmTotp(
    @Body() body: CodeDto,
    @CurrentUser() principal: Principal,
    @RequestClient() client: Client,
  ): Promise<RecoveryCodesDto> {
    return { recoveryCodes: await this.secondFactor.confirm(principal, body.code, client) };
  }

  /** Switches the second factor off; every session ends. */
  @Post('totp/disable')
  @HttpCode(204)
  @SignedIn()
  async disable(
    @Body() body: CodeDto,
    @CurrentUser() principal: Principal,
    @RequestClient() client: Client,
  ): Promise<void> {
    await this.secondFactor.disable(principal, body.code, client);
  }

  /** New recovery codes in place of the old ones. */
  @Post('recovery-codes')
  @HttpCode(200)
  @SignedIn()
  @Header('cache-control', 'no-store')
  async renew(
    @Body() body: CodeDto,
    @CurrentUser() principal: Principal,
    @RequestClient() client: Client,
  ): Promise<RecoveryCodesDto> {
    return { recoveryCodes: await this.secondFactor.renewRecoveryCodes(principal, body.code, client) };
  }

  /** Proves again who it is, for risky acts; the next access token carries the administrator's roles. */
  @Post('step-up')
  @HttpCode(204)
  @SignedIn()
  async stepUp(
    @Body() body: CodeDto,
    @CurrentUser() principal: Principal,
    @RequestClient() client: Client,
  ): Promise<void> {
    await this.secondFactor.prove(principal, body.code, client);
  }
}
