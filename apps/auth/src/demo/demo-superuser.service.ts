import { Injectable } from '@nestjs/common';
import { sealSecret } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { AuthConfig } from '../auth.config.js';
import { FactorsRepository } from '../second-factor/factors.repository.js';
import { SuperuserService } from '../superuser/superuser.service.js';
import { UsersRepository } from '../users/users.repository.js';
import { DEMO_SUPERUSER } from './demo-users.js';

/** Local stacks have a superuser whose second factor anybody can compute, so that the demonstration needs no phone. */
@Injectable()
export class DemoSuperuserService {
  constructor(
    private readonly config: AuthConfig,
    private readonly unitOfWork: UnitOfWork,
    private readonly superusers: SuperuserService,
    private readonly users: UsersRepository,
    private readonly factors: FactorsRepository,
  ) {}

  /** Adds the superuser with its second factor; a second factor that is on already is left alone. */
  async add(): Promise<void> {
    const { email, password, totpSecret } = DEMO_SUPERUSER;
    await this.superusers.create(email, password);
    await this.unitOfWork.run(async () => {
      const user = await this.users.findByEmail(email);
      if (!user || user.hasSecondFactor) return;
      await this.factors.begin(user.id, sealSecret(totpSecret, this.config.AUTH_KEY_ENCRYPTION_SECRET));
      await this.factors.confirm(user.id);
    });
  }
}
