import { Controller } from '@nestjs/common';
import { UserBlockedV1, UserDeletedV1 } from '#libs/contracts';
import { Consumes, type Received } from '#libs/messaging';
import { UsersService } from './users.service.js';

/** The queue that follows auth's users. */
export const FOLLOW_USERS = 'billing.users';

/** Follows what auth says about users; inbox row and effect are one transaction. */
@Controller()
export class UsersConsumer {
  constructor(private readonly users: UsersService) {}

  @Consumes(FOLLOW_USERS, UserBlockedV1)
  async onBlocked({ payload, aggregateVersion }: Received<UserBlockedV1>): Promise<void> {
    const { userId, blocked, until } = payload;
    await this.users.block(userId, aggregateVersion, blocked, blocked && until ? new Date(until) : null);
  }

  @Consumes(FOLLOW_USERS, UserDeletedV1)
  async onDeleted({ payload }: Received<UserDeletedV1>): Promise<void> {
    await this.users.forget(payload.userId, new Date(payload.deletedAt));
  }
}
