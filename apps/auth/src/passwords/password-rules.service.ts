import { Injectable } from '@nestjs/common';
import { AuthConfig } from '../auth.config.js';
import { BreachCheck } from './breach-check.service.js';
import { assertGoodPassword, WeakPasswordError } from './password-policy.js';

/** What every way to set a password goes through. */
@Injectable()
export class PasswordRules {
  private readonly site: string;

  constructor(
    config: AuthConfig,
    private readonly breaches: BreachCheck,
  ) {
    this.site = new URL(config.AUTH_PUBLIC_URL).hostname;
  }

  /** Throws WeakPasswordError when the password may not be used for the account with this address. */
  async assertGood(password: string, email: string): Promise<void> {
    assertGoodPassword(password, email, this.site);
    if (await this.breaches.isBreached(password))
      throw new WeakPasswordError('breached', 'The password is known from a breach of another service.');
  }
}
