import { Injectable } from '@nestjs/common';
import { Command, CommandFailedError } from '#libs/commands';
import { uuidv7 } from '#libs/contracts';
import { AuthConfig } from '../auth.config.js';
import { PasswordHashingService } from '../passwords/password-hashing.service.js';
import { UsersService } from '../users/users.service.js';
import { DemoSuperuserService } from './demo-superuser.service.js';
import { DEMO_PASSWORD, DEMO_USERS } from './demo-users.js';

@Injectable()
export class SeedDemoCommand {
  constructor(
    private readonly config: AuthConfig,
    private readonly users: UsersService,
    private readonly passwords: PasswordHashingService,
    private readonly superuser: DemoSuperuserService,
  ) {}

  @Command({ command: 'seed:demo', describe: 'Add the demonstration users and, outside production, their superuser' })
  async seed(): Promise<void> {
    const production = this.config.NODE_ENV === 'production';
    if (production && !this.config.ALLOW_SANDBOX) {
      throw new CommandFailedError(
        'Demonstration users have a known password: refused in production (ALLOW_SANDBOX is not set).',
      );
    }
    const passwordHash = await this.passwords.hash(DEMO_PASSWORD);
    for (const { email, locale } of DEMO_USERS) {
      const created = await this.users.create({ id: uuidv7(), email, locale, passwordHash, roles: ['public_user'] });
      process.stdout.write(`${email} ${created ? 'added' : 'is there already'}\n`);
    }
    if (production) process.stdout.write('No demonstration superuser in production: use create-superuser.\n');
    else await this.superuser.add();
  }
}
