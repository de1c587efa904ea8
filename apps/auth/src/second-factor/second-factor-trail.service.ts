import { Injectable } from '@nestjs/common';
import {
  type Facts,
  RecoveryCodesRenewedV1,
  RecoveryCodeUsedV1,
  SecondFactorDisabledV1,
  SecondFactorEnabledV1,
} from '#libs/contracts';
import { Outbox } from '#libs/messaging';
import { AuditService } from '../audit/audit.service.js';
import { type Client, originOf } from '../sessions/client.js';
import { UsersRepository } from '../users/users.repository.js';

/** What a change of the second factor leaves behind in the caller's transaction: the event that has its owner told, and the audit entry. */
@Injectable()
export class SecondFactorTrail {
  constructor(
    private readonly users: UsersRepository,
    private readonly outbox: Outbox,
    private readonly audit: AuditService,
  ) {}

  /** TOTP is on. */
  async enabled(userId: string, client: Client): Promise<void> {
    await this.leave('second_factor.enabled', userId, client, (facts) => new SecondFactorEnabledV1(facts));
  }

  /** TOTP is off, and the recovery codes are void. */
  async disabled(userId: string, client: Client): Promise<void> {
    await this.leave('second_factor.disabled', userId, client, (facts) => new SecondFactorDisabledV1(facts));
  }

  /** There are new recovery codes. */
  async codesRenewed(userId: string, client: Client): Promise<void> {
    await this.leave('recovery_codes.renewed', userId, client, (facts) => new RecoveryCodesRenewedV1(facts));
  }

  /** A recovery code is used up, and so many are left. */
  async codeUsed(userId: string, remaining: number, client: Client): Promise<void> {
    await this.leave('recovery_code.used', userId, client, (facts) => new RecoveryCodeUsedV1({ ...facts, remaining }));
  }

  private async leave(
    action: string,
    userId: string,
    client: Client,
    eventOf: (facts: Facts<SecondFactorEnabledV1>) => object,
  ): Promise<void> {
    const { version, locale } = await this.users.nextVersionAndLocale(userId);
    const event = eventOf({ userId, ...originOf(client), at: new Date().toISOString(), locale });
    await this.outbox.add(event, { aggregateId: userId, aggregateVersion: version });
    await this.audit.record({ actorId: userId, action, subjectId: userId });
  }
}
