import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { type Profile, Strategy, type StrategyOptions } from 'passport-google-oauth20';
import { AuthConfig } from '../auth.config.js';
import { GoogleStateStore } from './google-state.store.js';
import { boundedRequest } from './google-transport.js';

/** What Google says about a person. */
export interface GoogleProfile {
  /** The one thing that identifies the account; addresses change and are reused. */
  subject: string;
  email: string | undefined;
  /** True only for the boolean true: Google's word, not "true" or 1. */
  emailVerified: boolean;
}

/** The protected part of passport-oauth2 the strategy adjusts. */
interface Internals {
  _oauth2: { useAuthorizationHeaderforGET(use: boolean): void; _request: typeof boundedRequest };
}

@Injectable()
export class GoogleStrategy extends PassportStrategy(Strategy, 'google') {
  constructor(config: AuthConfig, store: GoogleStateStore) {
    const options = {
      clientID: config.GOOGLE_CLIENT_ID || 'not configured',
      clientSecret: config.GOOGLE_CLIENT_SECRET,
      callbackURL: `${config.AUTH_PUBLIC_URL}/oauth/google/callback`,
      authorizationURL: config.GOOGLE_AUTH_URL,
      tokenURL: config.GOOGLE_TOKEN_URL,
      userProfileURL: config.GOOGLE_USERINFO_URL,
      scope: ['openid', 'email', 'profile'],
      pkce: true,
      store,
    };
    super(options as unknown as StrategyOptions);
    const { _oauth2: oauth2 } = this as unknown as Internals;
    // By default the token goes into the query string, and so into logs.
    oauth2.useAuthorizationHeaderforGET(true);
    oauth2._request = boundedRequest;
  }

  validate(_accessToken: string, _refreshToken: string, profile: Profile): GoogleProfile {
    const {
      sub,
      email,
      email_verified: verified,
    } = profile._json as { sub: unknown; email?: unknown; email_verified?: unknown };
    if (typeof sub !== 'string' || sub === '') throw new Error('Google sent a profile without a subject');
    return { subject: sub, email: typeof email === 'string' ? email : undefined, emailVerified: verified === true };
  }
}
