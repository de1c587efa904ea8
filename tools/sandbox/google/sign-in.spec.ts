import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { ANNA, authorizeUrl, CALLBACK, Client, open, queryOf, signIn } from '../testing/google.ts';
import { addFault, control, startSandbox, submit } from '../testing/harness.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ redirectUris: [CALLBACK] });
});
afterEach(() => sandbox.close());

describe('passport-google-oauth20', () => {
  it('signs in with PKCE and learns who it is', async () => {
    const client = new Client(sandbox.urls.google);
    const outcome = await client.run(await signIn(sandbox, await client.start()));
    expect(outcome).toMatchObject({
      user: { id: ANNA, displayName: 'Anna Petrova', emails: [{ value: 'anna.petrova@gmail.com', verified: true }] },
    });
  });

  it('sees the same subject after a restart of the sign-in, and an unverified address as such', async () => {
    const client = new Client(sandbox.urls.google);
    const first = await client.run(await signIn(sandbox, await client.start(), '100000000000000000002'));
    const second = await client.run(await signIn(sandbox, await client.start(), '100000000000000000002'));
    expect(first).toEqual(second);
    expect(first).toMatchObject({ user: { emails: [{ verified: false }] } });
  });

  it('hears "access denied" when the person cancels, at the chooser and at the consent', async () => {
    const client = new Client(sandbox.urls.google);
    const interaction = await open(await client.start());
    const cancelled = await submit(`${sandbox.urls.google}/signin`, { interaction, cancel: '1' });
    expect(await client.run(queryOf(cancelled))).toHaveProperty('failed');
    const again = await open(await client.start());
    await submit(`${sandbox.urls.google}/signin`, { interaction: again, account: ANNA });
    const refused = await submit(`${sandbox.urls.google}/consent`, { interaction: again, consent: 'cancel' });
    expect(queryOf(refused)).toMatchObject({ error: 'access_denied' });
  });

  it('fails on a forged state, and on a code that was used before', async () => {
    const client = new Client(sandbox.urls.google);
    const query = await signIn(sandbox, await client.start());
    expect(await client.run({ ...query, state: 'forged' })).toHaveProperty('failed');
    await client.run(query);
    await client.start();
    const { state = '' } = Object.fromEntries(new URL(await client.start()).searchParams);
    expect(await client.run({ ...query, state })).toHaveProperty('error');
  });

  it.each([
    'token.error',
    'token.not_json',
    'token.redirect',
    'token.reset',
    'userinfo.error',
    'userinfo.unauthorized',
    'userinfo.not_json',
  ])('gets an error, not a user, under %s', async (kind) => {
    await addFault(sandbox, { provider: 'google', kind });
    const client = new Client(sandbox.urls.google);
    expect(await client.run(await signIn(sandbox, await client.start()))).toHaveProperty('error');
  });
});

describe('a spoiled answer', () => {
  it('comes back with a state nobody asked for', async () => {
    await addFault(sandbox, { provider: 'google', kind: 'authorize.forged_state' });
    const client = new Client(sandbox.urls.google);
    expect(await client.run(await signIn(sandbox, await client.start()))).toHaveProperty('failed');
  });

  it('names another issuer, for the application to notice', async () => {
    expect(await signIn(sandbox, authorizeUrl(sandbox).url)).toMatchObject({ iss: sandbox.urls.google });
    await addFault(sandbox, { provider: 'google', kind: 'authorize.mixed_up_iss' });
    expect(await signIn(sandbox, authorizeUrl(sandbox).url)).toMatchObject({ iss: 'https://other.example' });
  });

  it('is a profile without an e-mail', async () => {
    await addFault(sandbox, { provider: 'google', kind: 'userinfo.missing_email' });
    const client = new Client(sandbox.urls.google);
    const outcome = await client.run(await signIn(sandbox, await client.start()));
    expect(outcome).toMatchObject({ user: { id: ANNA } });
    expect(outcome).not.toHaveProperty('user.emails');
  });
});

describe('the authorization request', () => {
  it.each([
    ['an unknown client', { client_id: 'someone-else' }, 401],
    ['an unregistered address', { redirect_uri: 'http://127.0.0.1:3001/oauth/google/callback/more' }, 400],
    ['no address', { redirect_uri: undefined }, 400],
  ])('with %s is answered on the page and redirects nowhere', async (_what, change, status) => {
    const response = await fetch(authorizeUrl(sandbox, change).url, { redirect: 'manual' });
    expect(response.status).toBe(status);
    expect(response.headers.get('location')).toBeNull();
  });

  it.each([
    ['no challenge', { code_challenge: undefined }, 'invalid_request'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['response_type=token', { response_type: 'token' }, 'unsupported_response_type'],
    ['no scope', { scope: '' }, 'invalid_scope'],
    ['prompt=none and nobody signed in', { prompt: 'none' }, 'interaction_required'],
  ])('with %s comes back with an error and its state', async (_what, change, error) => {
    const response = await fetch(authorizeUrl(sandbox, change).url, { redirect: 'manual' });
    expect(queryOf(response)).toMatchObject({ error, state: 'the-state' });
  });

  it('remembers consent, asks again for prompt=consent, and takes a login hint', async () => {
    const hinted = authorizeUrl(sandbox, { login_hint: 'anna.petrova@gmail.com' }).url;
    expect((await fetch(hinted, { redirect: 'manual' })).status).toBe(200);
    await signIn(sandbox, authorizeUrl(sandbox).url);
    expect((await fetch(hinted, { redirect: 'manual' })).status).toBe(303);
    const asking = authorizeUrl(sandbox, { login_hint: 'anna.petrova@gmail.com', prompt: 'consent' }).url;
    expect((await fetch(asking, { redirect: 'manual' })).status).toBe(200);
  });

  it('lets anybody in with a typed address, always as the same subject', async () => {
    const interaction = await open(authorizeUrl(sandbox).url);
    await submit(`${sandbox.urls.google}/signin`, { interaction, email: 'new.person@gmail.com', name: 'New Person' });
    const { items } = (await (await control(sandbox, 'GET', '/google/accounts')).json()) as {
      items: { sub: string; email: string }[];
    };
    const typed = items.find(({ email }) => email === 'new.person@gmail.com');
    expect(typed?.sub).toMatch(/^\d{21}$/);
    const again = await control(sandbox, 'POST', '/google/accounts', { email: 'new.person@gmail.com' });
    expect(await again.json()).toMatchObject({ sub: typed?.sub });
  });
});
