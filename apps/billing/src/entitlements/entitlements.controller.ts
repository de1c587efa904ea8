import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles, SignedIn } from '#libs/access';
import { EntitledUserDto, EntitlementsDto } from './entitlement.dto.js';
import { EntitlementsService } from './entitlements.service.js';

@ApiTags('entitlements')
@Controller('entitlements')
export class EntitlementsController {
  constructor(private readonly entitlements: EntitlementsService) {}

  /** What the signed-in user may watch, and until when. */
  @Get('me')
  @SignedIn()
  async mine(@CurrentUser() user: Principal): Promise<EntitlementsDto> {
    return EntitlementsDto.of(user.userId, await this.entitlements.of(user.userId));
  }

  /** What any user may watch: for administrators and services acting as one. */
  @Get(':userId')
  @Roles('admin', 'super_user')
  async ofUser(@Param() { userId }: EntitledUserDto): Promise<EntitlementsDto> {
    return EntitlementsDto.of(userId, await this.entitlements.of(userId));
  }
}
