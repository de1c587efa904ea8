import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, SignedIn } from '#libs/access';
import { ProfileDto, SaveProfileDto } from './profile.dto.js';
import { ProfilesService } from './profiles.service.js';

@ApiTags('profiles')
@SignedIn()
@Controller('profiles')
export class ProfilesController {
  constructor(private readonly profiles: ProfilesService) {}

  /** Creates the user's profile; a second time it changes what is given. */
  @Post()
  async save(@CurrentUser() user: Principal, @Body() body: SaveProfileDto): Promise<ProfileDto> {
    return this.profiles.save(user, body);
  }

  @Get('me')
  async mine(@CurrentUser() user: Principal): Promise<ProfileDto> {
    return this.profiles.get(user.userId);
  }
}
