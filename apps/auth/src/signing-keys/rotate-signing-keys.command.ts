import { Injectable } from '@nestjs/common';
import { Command } from '#libs/commands';
import { AuditService } from '../audit/audit.service.js';
import { SigningKeysService } from './signing-keys.service.js';

@Injectable()
export class RotateSigningKeysCommand {
  constructor(
    private readonly keys: SigningKeysService,
    private readonly audit: AuditService,
  ) {}

  @Command({
    command: 'rotate-signing-keys',
    describe: 'Let the next key sign access tokens and publish a new next one',
  })
  async rotate(): Promise<void> {
    await this.keys.rotate();
    await this.audit.record({ actorId: null, action: 'signing_keys.rotated', subjectId: null });
    process.stdout.write('Rotated. Tokens signed before stay valid until they expire.\n');
  }
}
