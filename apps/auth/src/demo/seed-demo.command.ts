import { Injectable } from '@nestjs/common';
import { Command, CommandFailedError } from '#libs/commands';
import { type Locale, uuidv7 } from '#libs/contracts';
import { AuthConfig } from '../auth.config.js';
import { PasswordHashingService } from '../passwords/password-hashing.service.js';
import { UsersService } from '../users/users.service.js';

const USERS: { email: string; locale: Locale }[] = [
  { email: 'viewer@example.com', locale: 'en' },
  { email: 'maria@example.com', locale: 'ru' },
];
const PASSWORD = 'correct horse battery';

@Injectable()
export class SeedDemoCommand {
  constructor(
    private readonly config: AuthConfig,
    private readonly users: UsersService,
    private readonly passwords: PasswordHashingService,
  ) {}

  @Command({ command: 'seed:demo', describe: 'Add the demonstration users' })
  async seed(): Promise<void> {
    if (this.config.NODE_ENV === 'production' && !this.config.ALLOW_SANDBOX) {
      throw new CommandFailedError(
        'Demonstration users have a known password: refused in production (ALLOW_SANDBOX is not set).',
      );
    }
    const passwordHash = await this.passwords.hash(PASSWORD);
    for (const { email, locale } of USERS) {
      const created = await this.users.create({ id: uuidv7(), email, locale, passwordHash, roles: ['public_user'] });
      process.stdout.write(`${email} ${created ? 'added' : 'is there already'}\n`);
    }
  }
}
