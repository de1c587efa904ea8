import { Injectable } from '@nestjs/common';
import { BreachCheck } from './breach-check.service.js';
import { assertGoodPassword, WeakPasswordError } from './password-policy.js';

/** What every way to set a password goes through. */
@Injectable()
export class PasswordRules {
  constructor(private readonly breaches: BreachCheck) {}

  /** Throws WeakPasswordError when the password may not be used for the account with this address. */
  async assertGood(password: string, email: string): Promise<void> {
    assertGoodPassword(password, email);
    if (await this.breaches.isBreached(password))
      throw new WeakPasswordError('breached', 'The password is known from a breach of another service.');
  }
}
