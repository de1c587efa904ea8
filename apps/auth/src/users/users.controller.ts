import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, SignedIn } from '#libs/access';
import { UserDto } from './user.dto.js';
import { UsersService } from './users.service.js';

@ApiTags('users')
@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  /** The signed-in user's account. */
  @Get('me')
  @SignedIn()
  async me(@CurrentUser() principal: Principal): Promise<UserDto> {
    return new UserDto(await this.users.get(principal.userId));
  }
}
