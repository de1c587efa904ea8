import { createInterface, type Interface } from 'node:readline/promises';
import { Injectable } from '@nestjs/common';
import { isEmail } from 'class-validator';
import { Command, CommandFailedError } from '#libs/commands';
import { DomainError } from '#libs/errors';
import { normalizeEmail } from '../users/email.js';
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
  const config = new SuperuserConfig();
  const { SUPERUSER_EMAIL: given, SUPERUSER_PASSWORD: password } = config;
  if (given && password) return { email: normalizeEmail(given), password };
  const prompt = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    const lines = prompt[Symbol.asyncIterator]();
    const email = given || (await ask(prompt, lines, 'E-mail: '));
    return { email: normalizeEmail(email), password: password || (await ask(prompt, lines, 'Password: ')) };
  } finally {
    prompt.close();
  }
}

async function ask(prompt: Interface, lines: AsyncIterator<string>, question: string): Promise<string> {
  prompt.setPrompt(question);
  prompt.prompt();
  const { value, done } = await lines.next();
  if (done) throw new CommandFailedError(`${question.replace(': ', '')} is missing.`);
  return value;
}
