import { Injectable } from '@nestjs/common';
import { Command, CommandFailedError, Option } from '#libs/commands';
import { NextKeyTooYoungError, SigningKeysService } from './signing-keys.service.js';

@Injectable()
export class RotateSigningKeysCommand {
  constructor(private readonly keys: SigningKeysService) {}

  @Command({
    command: 'rotate-signing-keys',
    describe: 'Let the next key sign access tokens and publish a new next one',
  })
  async rotate(
    @Option({
      name: 'early',
      describe: 'Even when the next key has not been published for 24 hours: after a key has leaked',
      type: 'boolean',
      default: false,
    })
    early: boolean,
  ): Promise<void> {
    try {
      await this.keys.rotate({ early });
    } catch (error) {
      if (!(error instanceof NextKeyTooYoungError)) throw error;
      throw new CommandFailedError(`${error.message} --early does it all the same.`);
    }
    process.stdout.write('Rotated. Tokens signed before stay valid until they expire.\n');
  }
}
