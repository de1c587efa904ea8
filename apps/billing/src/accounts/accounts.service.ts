import { Injectable } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { CurrenciesService } from '../money/currencies.service.js';
import type { Account } from './account.js';
import { AccountNotEmptyError, AccountNotFoundError } from './account.errors.js';
import { AccountsRepository } from './accounts.repository.js';

@Injectable()
export class AccountsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: AccountsRepository,
    private readonly currencies: CurrenciesService,
  ) {}

  /** The user's wallet in a currency, opened now when there is none. Throws UnknownCurrencyError. */
  async wallet(userId: string, currency: string): Promise<Account> {
    await this.currencies.get(currency);
    return this.repository.open(uuidv7(), userId, currency, 'wallet');
  }

  /** The ids of the user's wallets in these currencies, in their order; opened now where there is none. Throws UnknownCurrencyError. */
  async walletIds(userId: string, ...currencies: string[]): Promise<string[]> {
    for (const currency of currencies) await this.currencies.get(currency);
    const wanted = currencies.map((currency) => ({ newId: uuidv7(), currency }));
    return this.repository.openWallets(userId, wanted);
  }

  /** Opens the user's wallets in the currencies of these sums again, so that the money can come back there. */
  async reopen(userId: string, sums: readonly { currency: string }[]): Promise<void> {
    await this.walletIds(userId, ...new Set(sums.map((sum) => sum.currency)));
  }

  /** Where what the user owes us in a currency is kept; opened now when there is none. */
  async debt(userId: string, currency: string): Promise<Account> {
    return this.repository.open(uuidv7(), userId, currency, 'debt');
  }

  /** The user's accounts that are not closed, wallets first. */
  async list(userId: string): Promise<Account[]> {
    return this.repository.list(userId);
  }

  /** Throws AccountNotFoundError, also when the account is somebody else's. */
  async get(userId: string, id: string): Promise<Account> {
    const account = await this.repository.find(userId, id);
    if (!account) throw new AccountNotFoundError();
    return account;
  }

  /** Closes a wallet with nothing in it. Throws AccountNotFoundError or AccountNotEmptyError. */
  async close(userId: string, id: string): Promise<Account> {
    return this.unitOfWork.run(async () => {
      const account = await this.get(userId, id);
      if (account.kind === 'debt') throw new AccountNotFoundError();
      if (!(await this.repository.close(userId, id))) throw new AccountNotEmptyError();
      return this.get(userId, id);
    });
  }
}
