import { Injectable } from '@nestjs/common';
import { AuthConfig } from '../auth.config.js';
import { SignedCookie } from '../web/signed-cookie.js';

/** A sign-in that waits for its second factor. */
export interface PendingSignIn {
  challenge: string;
}

const LIFE_SECONDS = 300;

/** Keeps the challenge in the browser between the login page and the page that asks for the code. */
@Injectable()
export class ChallengeCookie extends SignedCookie<PendingSignIn> {
  constructor(config: AuthConfig) {
    super(config, 'challenge', LIFE_SECONDS);
  }
}
