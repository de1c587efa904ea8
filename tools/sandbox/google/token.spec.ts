import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { authorizeUrl, CALLBACK, CLIENT, exchange, signIn } from '../testing/google.ts';
import { addFault, control, startSandbox, submit } from '../testing/harness.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ redirectUris: [CALLBACK] });
});
afterEach(() => sandbox.close());

describe('the token endpoint', () => {
  it.each([
    ['another verifier', { code_verifier: 'x'.repeat(43) }, 400, 'invalid_grant'],
    ['no verifier', { code_verifier: '' }, 400, 'invalid_grant'],
    ['another address', { redirect_uri: 'http://localhost:3001/oauth/google/callback' }, 400, 'redirect_uri_mismatch'],
    ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
    ['another client', { client_id: 'someone-else' }, 401, 'invalid_client'],
    ['another grant type', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['a code nobody issued', { code: '4/0Aunknown' }, 400, 'invalid_grant'],
  ])('refuses %s', async (_what, change, status, error) => {
    const { url, verifier } = authorizeUrl(sandbox);
    const { code = '' } = await signIn(sandbox, url);
    const answer = await exchange(sandbox, { code, code_verifier: verifier, ...change });
    expect({ status: answer.status, error: answer.body['error'] }).toEqual({ status, error });
  });

  it('takes a code once; a second use also ends the tokens of the first', async () => {
    const { url, verifier } = authorizeUrl(sandbox);
    const { code = '' } = await signIn(sandbox, url);
    const { body } = await exchange(sandbox, { code, code_verifier: verifier });
    const ask = (): Promise<Response> =>
      fetch(`${sandbox.urls.google}/v1/userinfo`, { headers: { authorization: `Bearer ${body['access_token']}` } });
    expect((await ask()).status).toBe(200);
    expect((await exchange(sandbox, { code, code_verifier: verifier })).body['error']).toBe('invalid_grant');
    expect((await ask()).status).toBe(401);
  });

  it.each([
    ['token.slow', 200],
    ['token.hang', 5000],
  ])('%s outlasts an impatient client', async (kind, value) => {
    await addFault(sandbox, { provider: 'google', kind, value });
    const call = fetch(`${sandbox.urls.google}/token`, { method: 'POST', signal: AbortSignal.timeout(100) });
    await expect(call).rejects.toThrow('timeout');
  });

  it('token.huge answers with five megabytes', async () => {
    await addFault(sandbox, { provider: 'google', kind: 'token.huge' });
    const answer = await exchange(sandbox, {});
    expect(answer.body['access_token']?.length).toBe(5 * 1024 * 1024);
  });

  it('refuses a code after ten minutes and a token after an hour', async () => {
    const { url, verifier } = authorizeUrl(sandbox);
    const { code: late = '' } = await signIn(sandbox, url);
    await control(sandbox, 'POST', '/clock', { advanceSeconds: 601 });
    expect((await exchange(sandbox, { code: late, code_verifier: verifier })).body['error']).toBe('invalid_grant');
    const next = authorizeUrl(sandbox);
    const { code = '' } = await signIn(sandbox, next.url);
    const { body } = await exchange(sandbox, { code, code_verifier: next.verifier });
    await control(sandbox, 'POST', '/clock', { advanceSeconds: 3600 });
    const response = await fetch(`${sandbox.urls.google}/v1/userinfo`, {
      headers: { authorization: `Bearer ${body['access_token']}` },
    });
    expect(response.status).toBe(401);
  });

  it('gives a refresh token for offline access, until it is revoked', async () => {
    const { url, verifier } = authorizeUrl(sandbox, { access_type: 'offline' });
    const { code = '' } = await signIn(sandbox, url);
    const { body } = await exchange(sandbox, { code, code_verifier: verifier });
    const refresh = { grant_type: 'refresh_token', refresh_token: body['refresh_token'] ?? '' };
    expect((await exchange(sandbox, refresh)).status).toBe(200);
    expect((await submit(`${sandbox.urls.google}/revoke`, { token: body['refresh_token'] ?? '' })).status).toBe(200);
    expect((await exchange(sandbox, refresh)).body['error']).toBe('invalid_grant');
  });

  it('refuses the access token in the address', async () => {
    const { url, verifier } = authorizeUrl(sandbox);
    const { code = '' } = await signIn(sandbox, url);
    const { body } = await exchange(sandbox, { code, code_verifier: verifier });
    expect((await fetch(`${sandbox.urls.google}/v1/userinfo?access_token=${body['access_token']}`)).status).toBe(401);
  });
});

describe('the id token', () => {
  async function idToken(): Promise<{ token: string; claims: Record<string, unknown>; valid: boolean }> {
    const { url, verifier } = authorizeUrl(sandbox);
    const { code = '' } = await signIn(sandbox, url, '100000000000000000003');
    const { body } = await exchange(sandbox, { code, code_verifier: verifier });
    const token = body['id_token'] ?? '';
    const [head = '', payload = '', signature = ''] = token.split('.');
    const { keys } = (await (await fetch(`${sandbox.urls.google}/oauth2/v3/certs`)).json()) as { keys: JsonWebKey[] };
    const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' });
    const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string };
    const valid =
      alg === 'RS256' && verify('sha256', Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url'));
    return {
      token,
      claims: JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>,
      valid,
    };
  }

  it('verifies against the published keys and says what was asked', async () => {
    const { claims, valid } = await idToken();
    expect(valid).toBe(true);
    const { issuer } = (await (await fetch(`${sandbox.urls.google}/.well-known/openid-configuration`)).json()) as {
      issuer: string;
    };
    expect(claims).toMatchObject({
      iss: issuer,
      aud: CLIENT.client_id,
      azp: CLIENT.client_id,
      nonce: 'the-nonce',
      hd: 'cinema.example',
      email_verified: true,
    });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(3600);
  });

  it.each([
    ['id_token.nonce', { nonce: 'an-old-nonce' }, true],
    ['id_token.audience', { aud: 'another-client' }, true],
    ['id_token.issuer', { iss: 'https://other.example' }, true],
    ['id_token.alg_none', {}, false],
    ['id_token.bad_signature', {}, false],
  ])('is spoiled by %s', async (kind, claims, valid) => {
    await addFault(sandbox, { provider: 'google', kind });
    const spoiled = await idToken();
    expect(spoiled.claims).toMatchObject(claims);
    expect(spoiled.valid).toBe(valid);
  });

  it('is too old under id_token.expired and too young under id_token.clock_skew', async () => {
    const now = Date.now() / 1000;
    await addFault(sandbox, { provider: 'google', kind: 'id_token.expired', times: 1 });
    expect(Number((await idToken()).claims['exp'])).toBeLessThan(now);
    await addFault(sandbox, { provider: 'google', kind: 'id_token.clock_skew', value: 600, times: 1 });
    expect(Number((await idToken()).claims['iat'])).toBeGreaterThan(now + 500);
  });
});
