import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { openSecret } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { AuthConfig } from '../auth.config.js';
import type { Client } from '../sessions/client.js';
import { UsersRepository } from '../users/users.repository.js';
import { FactorsRepository, type TotpFactor } from './factors.repository.js';
import { SecondFactorTrail } from './second-factor-trail.service.js';
import { matchingStep } from './totp.js';

const RECOVERY_CODES = 10;

/** Checks codes: those of the app and those on paper. */
@Injectable()
export class CodesService {
  constructor(
    private readonly config: AuthConfig,
    private readonly unitOfWork: UnitOfWork,
    private readonly factors: FactorsRepository,
    private readonly users: UsersRepository,
    private readonly trail: SecondFactorTrail,
  ) {}

  /**
   * Whether a code is right; right ones are used up, wrong ones counted, and after ten wrong ones in a row nothing is right for a
   * quarter of an hour, after each ten more for twice as long. With `unconfirmed` the secret being set up is meant. The user is told of
   * a recovery code that was used. Locks the user for the transaction.
   */
  async check(
    userId: string,
    code: string,
    client: Client,
    which: 'confirmed' | 'unconfirmed' = 'confirmed',
  ): Promise<boolean> {
    return this.unitOfWork.run(async () => {
      if (!(await this.users.lock(userId))) return false;
      const factor = await this.factors.lock(userId);
      if (!factor || factor.confirmed !== (which === 'confirmed') || factor.blockedSeconds > 0) return false;
      const step = this.stepOf(factor, code);
      const right = step !== undefined || (factor.confirmed && (await this.spend(userId, code, client)));
      if (right) await this.factors.succeeded(userId, step ?? factor.lastStep);
      else await this.factors.failed(userId);
      return right;
    });
  }

  /** Ten new recovery codes in place of the old ones; shown once, kept as hashes. */
  async renewRecoveryCodes(userId: string): Promise<string[]> {
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    await this.factors.replaceCodes(userId, codes.map(hashOf));
    return codes;
  }

  private async spend(userId: string, code: string, client: Client): Promise<boolean> {
    const remaining = await this.factors.spendCode(userId, hashOf(code));
    if (remaining === undefined) return false;
    await this.trail.codeUsed(userId, remaining, client);
    return true;
  }

  private stepOf(factor: TotpFactor, code: string): number | undefined {
    return matchingStep(
      openSecret(factor.sealedSecret, this.config.AUTH_KEY_ENCRYPTION_SECRET),
      code,
      factor.lastStep,
      Date.now(),
    );
  }
}

/** 80 bits, in groups for writing down. */
function newRecoveryCode(): string {
  return (randomBytes(10).toString('hex').match(/.{5}/g) ?? []).join('-');
}

/** However it is typed: letters' case, spaces and hyphens do not count. Random enough to need no slow hash. */
function hashOf(code: string): Buffer {
  return createHash('sha256').update(code.toLowerCase().replace(/[\s-]/g, '')).digest();
}
