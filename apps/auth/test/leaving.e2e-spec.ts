import { afterAll, beforeAll, expect, it } from 'vitest';
import { LATE_EVENTS_DAYS } from '../src/auth.stores.js';
import { LoginHistoryService } from '../src/login-history/login-history.service.js';
import { MaintenanceService } from '../src/maintenance/maintenance.service.js';
import { AuthApp, newEmail, PASSWORD, randomIp, type TestUser } from './support/auth-app.js';
import { FakeGoogle } from './support/google.js';

const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) Vivaldi/7.7.3851.66';
const LEAVING = ['auth.session.revoked.v1', 'auth.user.deleted.v1'];

const google = new FakeGoogle();
let auth: AuthApp;

beforeAll(async () => {
  auth = await AuthApp.startBeside(google);
});
afterAll(() => auth.stop());

/** Tables of the whole database with a row that has one of the texts in it, whatever the column. */
async function tablesWith(texts: readonly string[]): Promise<Record<string, string[]>> {
  const tables = await auth.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind IN ('r', 'm') AND relnamespace = 'public'::regnamespace`,
  );
  expect(tables.length).toBeGreaterThan(15);
  const found: Record<string, string[]> = {};
  for (const { name } of tables)
    for (const text of texts) {
      const rows = await auth.query(`SELECT 1 FROM ${name} AS t WHERE strpos(lower(t::text), lower($1)) > 0`, [text]);
      if (rows.length > 0) (found[name] ??= []).push(text);
    }
  return found;
}

/** No other service is here, so no queue takes the events: marks them as the relay would. */
const markSent = (): Promise<unknown> => auth.query('UPDATE outbox SET sent_at = now() WHERE sent_at IS NULL');

/** A user who has left a trace wherever one can be left. */
async function livelyUser(
  strays: boolean,
): Promise<{ user: TestUser; id: string; accessToken: string; ip: string; addresses: string[]; wanted: string }> {
  const [first, email, wanted, ip] = [newEmail(), newEmail(), newEmail(), randomIp()];
  const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    auth.call(method, path, body, { 'x-forwarded-for': ip, 'user-agent': BROWSER, ...headers });
  // A sign-up with each address that came to nothing.
  for (const address of strays ? [first, email] : []) {
    await ask('POST', '/auth/register', { email: address, password: PASSWORD });
    await auth.linkTokenFor(address);
    await auth.query('DELETE FROM registrations WHERE email = $1', [address]);
  }
  const user = await auth.user(first);
  const { accessToken } = (await (await ask('POST', '/auth/login', user)).json()) as { accessToken: string };
  const as = { authorization: `Bearer ${accessToken}` };
  await ask('POST', '/users/me/email', { email }, as);
  const moved = await auth.linkTokenFor(email, 'auth.user.verification_requested.v1', strays ? 2 : 1);
  expect((await ask('POST', '/auth/email/confirm', { token: moved })).status).toBe(200);
  user.email = email;
  google.claims = { sub: `1${Date.now()}`, email, email_verified: true };
  const departure = await ask('GET', '/oauth/google');
  const back = google.consent(departure.headers.get('location')!);
  const cookie = departure.headers.getSetCookie()[0]!.split(';')[0]!;
  expect((await ask('GET', `${back.pathname}${back.search}`, undefined, { cookie })).status).toBe(303);
  // A sign-up with an address that is taken, a wrong password, a new device, a stolen token, links under way.
  await ask('POST', '/auth/register', { email, password: PASSWORD });
  await ask('POST', '/auth/login', { email, password: 'a wrong password' });
  const device = { 'user-agent': `${BROWSER} Mobile Android` };
  const { refreshToken } = (await (await ask('POST', '/auth/login', user, device)).json()) as { refreshToken: string };
  await ask('POST', '/auth/refresh', { refreshToken }, device);
  expect((await ask('POST', '/auth/refresh', { refreshToken }, { 'user-agent': 'Thief/1.0' })).status).toBe(401);
  await ask('POST', '/auth/password/forgot', { email });
  await ask('POST', '/users/me/email', { email: wanted }, as);
  await ask('POST', '/auth/mfa/totp', undefined, as);
  await auth.mailsAnswered();
  await auth.app.get(LoginHistoryService).settled();
  const { id } = (await (await ask('GET', '/users/me', undefined, as)).json()) as { id: string };
  return { user, id, accessToken, ip, addresses: [first, email], wanted };
}

const leave = async (accessToken: string): Promise<void> => {
  expect((await auth.as(accessToken, 'DELETE', '/users/me')).status).toBe(204);
};
const eventsAbout = async (id: string): Promise<string[]> => {
  const rows = await auth.query<{ key: string }>(
    'SELECT DISTINCT routing_key AS key FROM outbox WHERE aggregate_id = $1 ORDER BY key',
    [id],
  );
  return rows.map(({ key }) => key);
};

it('no table has the addresses, the network address or the browser of a user who has left; the leaving can be told again', async () => {
  const { id, accessToken, ip, addresses, wanted } = await livelyUser(true);
  await markSent();
  const texts = [...addresses, ip, 'Vivaldi', 'Thief/1.0'];
  const traces = ['users', 'outbox', 'sessions', 'identities', 'mail_allowances', 'email_undos', 'one_time_tokens'];
  expect(Object.keys(await tablesWith([...texts, wanted]))).toEqual(expect.arrayContaining(traces));
  await leave(accessToken);
  expect(await tablesWith(texts)).toEqual({});
  // An address nobody has proved may be somebody else's, and the count of its mails runs out by itself.
  expect(await tablesWith([wanted])).toEqual({ mail_allowances: [wanted] });
  expect(await eventsAbout(id)).toEqual(LEAVING);
});

it('what the broker has not taken yet is told all the same, and gone within the hour after', async () => {
  const { id, accessToken, ip, addresses } = await livelyUser(false);
  const waiting = await eventsAbout(id);
  expect(waiting).toEqual(expect.arrayContaining(['auth.login.new_device.v1', 'auth.user.email_changed.v1']));
  await leave(accessToken);
  expect(await eventsAbout(id)).toEqual(expect.arrayContaining([...waiting, ...LEAVING]));
  await auth.app.get(MaintenanceService).run();
  expect(await eventsAbout(id)).toEqual(expect.arrayContaining([...waiting, ...LEAVING]));
  await markSent();
  // The broker may come back as late as events are kept.
  await auth.query(`UPDATE users SET deleted_at = now() - $2 * interval '1 hour' WHERE id = $1`, [
    id,
    LATE_EVENTS_DAYS * 24 - 1,
  ]);
  await auth.app.get(MaintenanceService).run();
  expect(await tablesWith([...addresses, ip])).toEqual({});
  expect(await eventsAbout(id)).toEqual(LEAVING);
});
