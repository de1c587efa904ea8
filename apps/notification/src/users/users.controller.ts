import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { UuidPipe } from '#libs/http';
import { ListQueryDto } from '../lists/list.dto.js';
import { UserDto, UserListDto, UserMessageListDto, UserQueryDto } from './user.dto.js';
import { UsersService } from './users.service.js';

/** Users and what was said to them, for administrators. */
@Roles('admin', 'super_user')
@ApiTags('admin: users')
@Controller('admin/users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  /** By id, or by how the address begins. */
  @Get()
  listUsers(@CurrentUser() { userId }: Principal, @Query() query: UserQueryDto): Promise<UserListDto> {
    return this.users.list(userId, query);
  }

  /** One user, as far as messages are concerned. */
  @Get(':id')
  getUser(@CurrentUser() { userId }: Principal, @Param('id', UuidPipe) id: string): Promise<UserDto> {
    return this.users.get(userId, id);
  }

  /** Every message with its deliveries, newest first. */
  @Get(':id/messages')
  listUserMessages(
    @CurrentUser() { userId }: Principal,
    @Param('id', UuidPipe) id: string,
    @Query() query: ListQueryDto,
  ): Promise<UserMessageListDto> {
    return this.users.messages(userId, id, query);
  }
}
