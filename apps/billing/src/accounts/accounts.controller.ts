import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, SignedIn } from '#libs/access';
import { UuidPipe } from '#libs/http';
import { CurrenciesService } from '../money/currencies.service.js';
import { ProfilesService } from '../profiles/profiles.service.js';
import { AccountDto, AccountListDto, OpenAccountDto } from './account.dto.js';
import type { Account } from './account.js';
import { AccountsService } from './accounts.service.js';

@ApiTags('accounts')
@SignedIn()
@Controller('accounts')
export class AccountsController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly profiles: ProfilesService,
    private readonly currencies: CurrenciesService,
  ) {}

  /** Opens the user's account in a currency; the same one when it is open already. */
  @Post()
  async openAccount(@CurrentUser() user: Principal, @Body() body: OpenAccountDto): Promise<AccountDto> {
    await this.profiles.assertExists(user.userId);
    return this.present(await this.accounts.wallet(user.userId, body.currency));
  }

  /** The user's accounts, open and frozen. */
  @Get()
  async listAccounts(@CurrentUser() user: Principal): Promise<AccountListDto> {
    const accounts = await this.accounts.list(user.userId);
    return { items: await Promise.all(accounts.map((account) => this.present(account))) };
  }

  /** One of the user's accounts. */
  @Get(':id')
  async getAccount(@CurrentUser() user: Principal, @Param('id', UuidPipe) id: string): Promise<AccountDto> {
    return this.present(await this.accounts.get(user.userId, id));
  }

  /** Closes an account with nothing in it. */
  @Delete(':id')
  async closeAccount(@CurrentUser() user: Principal, @Param('id', UuidPipe) id: string): Promise<AccountDto> {
    return this.present(await this.accounts.close(user.userId, id));
  }

  private async present(account: Account): Promise<AccountDto> {
    const { id, currency, kind, status, openedAt } = account;
    return {
      id,
      currency,
      kind,
      status,
      balance: await this.currencies.format(account.balanceMinor, currency),
      held: await this.currencies.format(account.heldMinor, currency),
      openedAt,
    };
  }
}
