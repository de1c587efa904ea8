import { createHash, randomBytes } from 'node:crypto';
import { type Profile, Strategy } from 'passport-google-oauth20';
import type { Sandbox } from '../sandbox.ts';
import { submit } from './harness.ts';

export const CALLBACK = 'http://127.0.0.1:3001/oauth/google/callback';
export const CLIENT = { client_id: 'sandbox.apps.googleusercontent.com', client_secret: 'sandbox-google-secret' };
/** The first seeded account. */
export const ANNA = '100000000000000000001';

export type Outcome = { redirect: string } | { user: Profile } | { failed: unknown } | { error: Error };

/** The strategy as production sets it up: PKCE, own endpoints, the token in the header. */
export class Client {
  readonly #strategy: Strategy;
  #pending: { verifier: string; state: string } | null = null;

  constructor(google: string) {
    const store = {
      store: (
        _request: unknown,
        verifier: string,
        _state: unknown,
        _meta: unknown,
        done: (error: null, state: string) => void,
      ) => {
        this.#pending = { verifier, state: randomBytes(16).toString('hex') };
        done(null, this.#pending.state);
      },
      verify: (
        _request: unknown,
        state: string,
        _meta: unknown,
        done: (error: null, verifier: string | false, info?: unknown) => void,
      ) => {
        if (!this.#pending || this.#pending.state !== state) return done(null, false, { message: 'bad state' });
        const { verifier } = this.#pending;
        this.#pending = null;
        done(null, verifier);
      },
    };
    const options = {
      clientID: CLIENT.client_id,
      clientSecret: CLIENT.client_secret,
      callbackURL: CALLBACK,
      authorizationURL: `${google}/o/oauth2/v2/auth`,
      tokenURL: `${google}/oauth2/v4/token`,
      userProfileURL: `${google}/oauth2/v3/userinfo`,
      scope: ['openid', 'email', 'profile'],
      pkce: true,
      store,
    };
    this.#strategy = new Strategy(options as never, (_access, _refresh, profile, done) => done(null, profile));
    (
      this.#strategy as unknown as { _oauth2: { useAuthorizationHeaderforGET: (on: boolean) => void } }
    )._oauth2.useAuthorizationHeaderforGET(true);
  }

  run(query: Record<string, string>): Promise<Outcome> {
    return new Promise((resolve) => {
      const attempt = Object.assign(
        Object.create(this.#strategy) as { authenticate: (request: object, options: object) => void },
        {
          redirect: (url: string) => resolve({ redirect: url }),
          success: (user: unknown) => resolve({ user: user as Profile }),
          fail: (info: unknown) => resolve({ failed: info }),
          error: (error: Error) => resolve({ error }),
        },
      );
      attempt.authenticate({ query, headers: {}, url: CALLBACK }, {});
    });
  }

  async start(): Promise<string> {
    const outcome = await this.run({});
    if (!('redirect' in outcome)) throw new Error('no redirect to Google');
    return outcome.redirect;
  }
}

/** Opens the chooser and returns what its forms carry. */
export async function open(url: string): Promise<string> {
  const response = await fetch(url, { redirect: 'manual' });
  const markup = await response.text();
  return /name="interaction"\s+value="([^"]+)"/.exec(markup)?.[1] ?? '';
}

/** Chooses an account and allows; gives the query with which the browser comes back. */
export async function signIn(sandbox: Sandbox, url: string, sub = ANNA): Promise<Record<string, string>> {
  const interaction = await open(url);
  let response = await submit(`${sandbox.urls.google}/signin`, { interaction, account: sub });
  if (response.status === 200)
    response = await submit(`${sandbox.urls.google}/consent`, { interaction, consent: 'allow' });
  return queryOf(response);
}

/** The query with which the browser is sent back to the application. */
export function queryOf(response: Response): Record<string, string> {
  const location = response.headers.get('location') ?? '';
  if (!location.startsWith(CALLBACK)) throw new Error(`sent to "${location}"`);
  return Object.fromEntries(new URL(location).searchParams);
}

/** A good authorization request, or one with `change` made to it, and its PKCE verifier. */
export function authorizeUrl(
  sandbox: Sandbox,
  change: Record<string, string | undefined> = {},
): { url: string; verifier: string } {
  const verifier = randomBytes(32).toString('base64url');
  const parameters = {
    ...CLIENT,
    client_secret: undefined,
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid email profile',
    state: 'the-state',
    nonce: 'the-nonce',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...change,
  };
  const url = new URL(`${sandbox.urls.google}/o/oauth2/v2/auth`);
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  return { url: url.toString(), verifier };
}

/** Asks the token endpoint, as the registered client unless `form` says otherwise. */
export async function exchange(
  sandbox: Sandbox,
  form: Record<string, string>,
): Promise<{ status: number; body: Record<string, string> }> {
  const response = await submit(`${sandbox.urls.google}/token`, {
    ...CLIENT,
    grant_type: 'authorization_code',
    redirect_uri: CALLBACK,
    ...form,
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}
