import { Injectable } from '@nestjs/common';
import { type Facts, UserRegisteredV1, UserVerifiedV1 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { Outbox } from '#libs/messaging';
import type { User } from './user.js';
import { UserGoneError } from './user.errors.js';
import { type NewUser, UsersRepository } from './users.repository.js';

@Injectable()
export class UsersService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersRepository,
    private readonly outbox: Outbox,
  ) {}

  /** The user a valid access token stands for. Throws UserGoneError when the account was deleted since. */
  async get(id: string): Promise<User> {
    const user = await this.users.findById(id);
    if (!user) throw new UserGoneError();
    return user;
  }

  /**
   * Adds a user whose address is proved and says so; false when the address is taken.
   * Several at once for one address: exactly one gets it.
   */
  async create(user: NewUser): Promise<boolean> {
    return this.unitOfWork.run(async () => {
      if (!(await this.users.insert(user))) return false;
      const { id: userId, email, locale, roles } = user;
      const at = new Date().toISOString();
      const registered: Facts<UserRegisteredV1> = {
        userId,
        email,
        locale,
        emailVerified: true,
        roles,
        registeredAt: at,
      };
      await this.outbox.add(new UserRegisteredV1(registered), { aggregateId: userId, aggregateVersion: 1 });
      const aggregateVersion = await this.users.nextVersion(userId);
      await this.outbox.add(new UserVerifiedV1({ userId, email, locale, verifiedAt: at }), {
        aggregateId: userId,
        aggregateVersion,
      });
      return true;
    });
  }
}
