import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { KeySource } from '#libs/access';
import { SigningKeysService } from './signing-keys.service.js';

/** auth verifies access tokens against its own table instead of its own JWKS document. */
@Injectable()
export class LocalKeySource extends KeySource {
  constructor(private readonly keys: SigningKeysService) {
    super();
  }

  find(kid: string): Promise<KeyObject | undefined> {
    return this.keys.find(kid);
  }
}
