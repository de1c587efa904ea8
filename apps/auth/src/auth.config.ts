import {
  commonSpecs,
  httpUrl,
  key32,
  noSandboxInProduction,
  port,
  settings,
  str,
  urlWith,
  wholeNumber,
} from '#libs/config';

const DAY = 24 * 60 * 60;

/** Everything auth reads from the environment. */
export class AuthConfig extends settings(
  {
    ...commonSpecs,
    AUTH_HOST: str({ default: '0.0.0.0', desc: 'Address auth listens on' }),
    AUTH_PORT: port({ default: 3001, desc: 'Port auth listens on' }),
    AUTH_PUBLIC_URL: httpUrl({
      desc: 'Where browsers reach auth: links in mails begin with it',
      example: 'http://localhost:3001',
    }),
    AUTH_DATABASE_URL: urlWith(
      'postgres:',
      'postgresql:',
    )({
      desc: 'auth_db as the role auth_app, which cannot change the schema',
      example: 'postgres://auth_app:secret@auth_db:5432/auth_db',
    }),
    AUTH_KEY_ENCRYPTION_SECRET: key32({ desc: '32 bytes in base64: encrypts the private signing keys at rest' }),
    AUTH_COOKIE_SECRET: key32({ desc: '32 bytes in base64: signs short-lived cookies' }),
    AUTH_ACCESS_TTL_SECONDS: wholeNumber(60, 3600)({ default: 600, desc: 'Life of an access token' }),
    AUTH_REFRESH_TTL_SECONDS: wholeNumber(
      3600,
      180 * DAY,
    )({ default: 30 * DAY, desc: 'Life of an unused refresh token' }),
    BREACH_CHECK_URL: httpUrl({
      default: undefined,
      desc: 'Range service that knows breached passwords, such as https://api.pwnedpasswords.com/range; empty asks nobody',
    }),
    GOOGLE_CLIENT_ID: str({ default: '', desc: 'OAuth client id; empty switches "Continue with Google" off' }),
    GOOGLE_CLIENT_SECRET: str({ default: '', desc: 'OAuth client secret' }),
    GOOGLE_AUTH_URL: httpUrl({
      default: 'https://accounts.google.com/o/oauth2/v2/auth',
      desc: "Google's consent page",
    }),
    GOOGLE_TOKEN_URL: httpUrl({ default: 'https://oauth2.googleapis.com/token', desc: "Google's token endpoint" }),
    GOOGLE_USERINFO_URL: httpUrl({
      default: 'https://openidconnect.googleapis.com/v1/userinfo',
      desc: "Google's profile endpoint",
    }),
  },
  [
    ({ GOOGLE_CLIENT_ID: id, GOOGLE_CLIENT_SECRET: secret }) =>
      id !== '' && secret === '' ? ['GOOGLE_CLIENT_SECRET is missing: GOOGLE_CLIENT_ID is set'] : [],
    noSandboxInProduction('GOOGLE_AUTH_URL', 'GOOGLE_TOKEN_URL', 'GOOGLE_USERINFO_URL', 'BREACH_CHECK_URL'),
  ],
) {}
