import { Injectable } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import type { Role } from '#libs/access';
import { UnitOfWork } from '#libs/database';
import { AuditService } from '../audit/audit.service.js';
import { PasswordHashingService } from '../passwords/password-hashing.service.js';
import { PasswordRules } from '../passwords/password-rules.service.js';
import { RoleChanges } from '../roles/role-changes.service.js';
import type { User } from '../users/user.js';
import { UsersRepository } from '../users/users.repository.js';
import { UsersService } from '../users/users.service.js';

/** What `create` found and did. */
export type SuperuserResult = 'created' | 'promoted' | 'unchanged';

const ROLES: Role[] = ['public_user', 'super_user'];

@Injectable()
export class SuperuserService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersService,
    private readonly repository: UsersRepository,
    private readonly rules: PasswordRules,
    private readonly passwords: PasswordHashingService,
    private readonly audit: AuditService,
    private readonly roles: RoleChanges,
  ) {}

  /** Makes a superuser, or makes an existing user one; the password of an existing user is left alone. Throws WeakPasswordError. */
  async create(email: string, password: string): Promise<SuperuserResult> {
    await this.rules.assertGood(password, email);
    const passwordHash = await this.passwords.hash(password);
    return this.unitOfWork.run(async () => {
      const id = uuidv7();
      if (await this.users.create({ id, email, passwordHash, locale: 'en', roles: ROLES })) {
        await this.audit.record({ actorId: null, action: 'superuser.created', subjectId: id, after: { roles: ROLES } });
        return 'created';
      }
      const existing = await this.repository.findByEmail(email);
      const user = existing && (await this.repository.lock(existing.id));
      return user?.email === email ? this.promote(user) : 'unchanged';
    });
  }

  private async promote(user: User): Promise<SuperuserResult> {
    if (user.roles.includes('super_user')) return 'unchanged';
    await this.roles.change(null, user, [...user.roles, 'super_user'], 'superuser.promoted');
    return 'promoted';
  }
}
