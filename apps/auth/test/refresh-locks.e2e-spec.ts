import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuthApp, PASSWORD, type TestUser, type Tokens } from './support/auth-app.js';
import { Rival } from './support/rival.js';

/** A user with two devices. */
interface Scene {
  user: TestUser;
  id: string;
  tokens: Tokens;
  elsewhere: Tokens;
}

let auth: AuthApp;
let admin: Tokens;
let rival: Rival;
let scene: Scene;

beforeAll(async () => {
  auth = await AuthApp.start();
  const boss = await auth.user();
  await auth.query(`UPDATE users SET roles = '{public_user,super_user}' WHERE email = $1`, [boss.email]);
  admin = await auth.loginWithSecondFactor(boss);
});
afterAll(() => auth.stop());
beforeEach(async () => {
  const user = await auth.user();
  const [tokens, elsewhere] = [await auth.login(user), await auth.login(user)];
  const [row] = await auth.query<{ id: string }>('SELECT id FROM users WHERE email = $1', [user.email]);
  scene = { user, id: row!.id, tokens, elsewhere };
  rival = await Rival.begin(auth);
});
afterEach(() => rival.end());

const refresh = (refreshToken: string, headers: Record<string, string> = {}): Promise<Response> =>
  auth.call('POST', '/auth/refresh', { refreshToken }, headers);
const lockUser = (): Promise<void> => rival.query('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [scene.id]);

describe('a refresh that meets another transaction', () => {
  it('gives nothing when that one ended the session', async () => {
    await lockUser();
    await rival.query(`UPDATE sessions SET ended_at = now(), end_reason = 'logout' WHERE user_id = $1`, [scene.id]);
    const answer = refresh(scene.tokens.refreshToken);
    await rival.waiting(1, answer);
    await rival.commit();
    expect((await answer).status).toBe(401);
  });

  it('gives a token of the new epoch when that one voided all tokens', async () => {
    await rival.query('UPDATE users SET token_epoch = token_epoch + 1 WHERE id = $1', [scene.id]);
    const answer = refresh(scene.tokens.refreshToken);
    await rival.waiting(1, answer);
    await rival.commit();
    const epochOf = ({ accessToken }: Tokens): number =>
      (JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()) as { epoch: number }).epoch;
    expect(epochOf((await (await answer).json()) as Tokens)).toBe(epochOf(scene.tokens) + 1);
  });

  it('gives the same pair as another refresh that came first', async () => {
    await lockUser();
    const answers = [refresh(scene.tokens.refreshToken), refresh(scene.tokens.refreshToken)];
    await rival.waiting(2);
    await rival.commit();
    const [first, second] = await Promise.all(answers);
    expect([first!.status, second!.status]).toEqual([200, 200]);
    expect(await second!.json()).toEqual(await first!.json());
  });
});

describe('in one order, so that no two wait for each other, the user is locked before sessions and tokens by', () => {
  const sessionIdOf = ({ accessToken }: Tokens): string =>
    (JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()) as { sid: string }).sid;
  const change = { currentPassword: PASSWORD, newPassword: `${PASSWORD}, and another` };

  it.each<[string, (scene: Scene) => Promise<Response>]>([
    ['a refresh', ({ tokens }) => refresh(tokens.refreshToken)],
    ['the reuse of a token', ({ elsewhere }) => refresh(elsewhere.refreshToken, { 'user-agent': 'Thief/1.0' })],
    ['a logout', ({ tokens: { refreshToken } }) => auth.call('POST', '/auth/logout', { refreshToken })],
    ['a logout everywhere', ({ tokens }) => auth.as(tokens.accessToken, 'POST', '/auth/logout-all')],
    ['the end of other sessions', ({ tokens }) => auth.as(tokens.accessToken, 'DELETE', '/users/me/sessions/others')],
    [
      'the end of one session',
      ({ tokens, elsewhere }) => auth.as(tokens.accessToken, 'DELETE', `/users/me/sessions/${sessionIdOf(elsewhere)}`),
    ],
    ['a new password', ({ tokens }) => auth.as(tokens.accessToken, 'POST', '/auth/password/change', change)],
    ['leaving', ({ tokens }) => auth.as(tokens.accessToken, 'DELETE', '/users/me')],
    ['a block', ({ id }) => auth.as(admin.accessToken, 'POST', `/admin/users/${id}/block`, { reason: 'test' })],
    [
      "an administrator's end of sessions",
      ({ id }) => auth.as(admin.accessToken, 'DELETE', `/admin/users/${id}/sessions`),
    ],
  ])('%s', async (_, act) => {
    // One token of the second device is spent.
    expect((await refresh(scene.elsewhere.refreshToken)).status).toBe(200);
    await lockUser();
    const answer = act(scene);
    await rival.waiting(1, answer);
    await rival.query('SELECT 1 FROM sessions WHERE user_id = $1 FOR UPDATE NOWAIT', [scene.id]);
    await rival.query(
      'SELECT 1 FROM refresh_tokens WHERE session_id IN (SELECT id FROM sessions WHERE user_id = $1) FOR UPDATE NOWAIT',
      [scene.id],
    );
    await rival.commit();
    expect([200, 204, 401]).toContain((await answer).status);
  });
});
