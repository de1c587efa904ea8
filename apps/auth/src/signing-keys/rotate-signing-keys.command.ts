import { Injectable } from '@nestjs/common';
import { Command } from '#libs/commands';
import { SigningKeysService } from './signing-keys.service.js';

@Injectable()
export class RotateSigningKeysCommand {
  constructor(private readonly keys: SigningKeysService) {}

  @Command({
    command: 'rotate-signing-keys',
    describe: 'Let the next key sign access tokens and publish a new next one',
  })
  async rotate(): Promise<void> {
    await this.keys.rotate();
    process.stdout.write('Rotated. Tokens signed before stay valid until they expire.\n');
  }
}
