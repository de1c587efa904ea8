import { Injectable } from '@nestjs/common';
import { UserDeletedV1 } from '#libs/contracts';
import { Outbox } from '#libs/messaging';
import { AdminRights } from '../admin/admin-rights.service.js';
import { AuditService } from '../audit/audit.service.js';
import { SessionEndings } from '../sessions/session-endings.service.js';
import { UsersRepository } from '../users/users.repository.js';
import { LeavingRepository } from './leaving.repository.js';

/** What leaving takes; runs in the caller's transaction. */
@Injectable()
export class LeavingService {
  constructor(
    private readonly rights: AdminRights,
    private readonly users: UsersRepository,
    private readonly sessions: SessionEndings,
    private readonly repository: LeavingRepository,
    private readonly outbox: Outbox,
    private readonly audit: AuditService,
  ) {}

  /** Erases the user. Throws LastSuperUserError. */
  async leave(userId: string): Promise<void> {
    await this.rights.standInLine();
    const user = await this.users.lock(userId);
    if (!user) return;
    await this.rights.assertNotLastSuperUser(user);
    await this.sessions.endAll(userId, 'deleted');
    const aggregateVersion = await this.users.nextVersion(userId);
    const addresses = await this.repository.addressesOf(userId);
    await this.users.erase(userId);
    await this.repository.forgetMails(addresses);
    await this.repository.forgetEvents(userId, addresses);
    await this.outbox.add(new UserDeletedV1({ userId, deletedAt: new Date().toISOString(), locale: user.locale }), {
      aggregateId: userId,
      aggregateVersion,
    });
    await this.audit.record({ actorId: userId, action: 'user.deleted', subjectId: userId });
  }
}
