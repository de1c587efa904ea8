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
  async saveProfile(@CurrentUser() user: Principal, @Body() body: SaveProfileDto): Promise<ProfileDto> {
    return this.profiles.save(user, body);
  }

  /** The user's profile; 404 until one is created. */
  @Get('me')
  async getProfile(@CurrentUser() user: Principal): Promise<ProfileDto> {
    return this.profiles.get(user.userId);
  }
}
