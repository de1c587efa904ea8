import { Body, Controller, Delete, HttpCode, Patch } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, SignedIn } from '#libs/access';
import { UserDto } from '../users/user.dto.js';
import { UpdateAccountDto } from './account.dto.js';
import { AccountService } from './account.service.js';

@ApiTags('users')
@Controller('users/me')
@SignedIn()
export class AccountController {
  constructor(private readonly account: AccountService) {}

  /** Changes the language of pages and mails. */
  @Patch()
  async update(@Body() body: UpdateAccountDto, @CurrentUser() { userId }: Principal): Promise<UserDto> {
    return new UserDto(await this.account.setLocale(userId, body.locale));
  }

  /** Deletes the account for good; needs a recent sign-in. */
  @Delete()
  @HttpCode(204)
  async delete(@CurrentUser() principal: Principal): Promise<void> {
    await this.account.delete(principal);
  }

  /** Takes Google away as a way in; needs a recent sign-in. */
  @Delete('identities/google')
  @HttpCode(204)
  async unlinkGoogle(@CurrentUser() principal: Principal): Promise<void> {
    await this.account.unlinkGoogle(principal);
  }
}
