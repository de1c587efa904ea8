import { Injectable } from '@nestjs/common';
import { isEmail } from 'class-validator';
import { Command, CommandFailedError } from '#libs/commands';
import { DomainError } from '#libs/errors';
import { normalizeEmail } from '#libs/contracts';
import { askFor } from './prompt.js';
import { SuperuserConfig } from './superuser.config.js';
import { SuperuserService } from './superuser.service.js';

const OUTCOME = {
  created: 'Superuser created.',
  promoted: 'The user was there already and is a superuser now; the password is unchanged.',
  unchanged: 'The superuser is there already; nothing was changed.',
};

@Injectable()
export class CreateSuperuserCommand {
  constructor(private readonly superusers: SuperuserService) {}

  @Command({
    command: 'create-superuser',
    describe: 'Create the first administrator (SUPERUSER_EMAIL, SUPERUSER_PASSWORD, or answer the prompt)',
  })
  async create(): Promise<void> {
    const { email, password } = await credentials();
    if (!isEmail(email)) throw new CommandFailedError(`${email || 'The empty text'} is not an e-mail address.`);
    try {
      process.stdout.write(`${OUTCOME[await this.superusers.create(email, password)]}\n`);
    } catch (error) {
      throw error instanceof DomainError ? new CommandFailedError(error.message) : error;
    }
  }
}

async function credentials(): Promise<{ email: string; password: string }> {
  const { SUPERUSER_EMAIL: email, SUPERUSER_PASSWORD: password } = new SuperuserConfig();
  if (email && password) return { email: normalizeEmail(email), password };
  const missing = [...(email ? [] : (['E-mail'] as const)), ...(password ? [] : (['Password'] as const))];
  const answers = await askFor(missing, process.stdin, process.stderr);
  if (!answers) throw new CommandFailedError(`${missing.join(' and ')} must be given, a line each.`);
  return { email: normalizeEmail(email || answers[0]!), password: password || answers.at(-1)! };
}
