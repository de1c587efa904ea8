import { Injectable } from '@nestjs/common';
import { IdentityLinkedV1, IdentityUnlinkedV1 } from '#libs/contracts';
import { Outbox } from '#libs/messaging';
import { AuditService } from '../audit/audit.service.js';
import { UsersRepository } from '../users/users.repository.js';

/** What a change of a user's Google account leaves behind, in the caller's transaction: the event and the audit entry. */
@Injectable()
export class IdentityTrail {
  constructor(
    private readonly users: UsersRepository,
    private readonly outbox: Outbox,
    private readonly audit: AuditService,
  ) {}

  /** Google is a way in. */
  async linked(userId: string): Promise<void> {
    const at = new Date().toISOString();
    await this.leave('identity.linked', userId, new IdentityLinkedV1({ userId, provider: 'google', at }));
  }

  /** Google is a way in no more. */
  async unlinked(userId: string): Promise<void> {
    const at = new Date().toISOString();
    await this.leave('identity.unlinked', userId, new IdentityUnlinkedV1({ userId, provider: 'google', at }));
  }

  private async leave(action: string, userId: string, event: object): Promise<void> {
    await this.outbox.add(event, { aggregateId: userId, aggregateVersion: await this.users.nextVersion(userId) });
    await this.audit.record({ actorId: userId, action, subjectId: userId });
  }
}
