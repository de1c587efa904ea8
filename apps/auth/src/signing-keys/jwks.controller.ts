import { Controller, Get, Header } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '#libs/access';
import { JwksDto } from './jwks.dto.js';
import { SigningKeysService } from './signing-keys.service.js';

@ApiTags('keys')
@Controller('.well-known')
export class JwksController {
  constructor(private readonly keys: SigningKeysService) {}

  /** The public keys access tokens are verified with. */
  @Get('jwks.json')
  @Public()
  @Header('cache-control', 'public, max-age=60')
  async jwks(): Promise<JwksDto> {
    return new JwksDto(await this.keys.published());
  }
}
