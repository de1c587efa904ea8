import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LoginHistoryService } from '../src/login-history/login-history.service.js';
import { MaintenanceService } from '../src/maintenance/maintenance.service.js';
import { SigningKeysService } from '../src/signing-keys/signing-keys.service.js';
import { AuthApp, newEmail, PASSWORD } from './support/auth-app.js';

let auth: AuthApp;

beforeAll(async () => {
  auth = await AuthApp.start();
  // Ends the timer and waits for the run at start-up: while that one holds the lock, the runs below would leave their steps to it.
  await auth.app.get(MaintenanceService).onModuleDestroy();
});
afterAll(() => auth.stop());

describe('maintenance', () => {
  it('makes the next months of the login history and drops those older than 400 days', async () => {
    await auth.query(
      `SELECT create_login_history_month((current_date - interval '500 days')::date), create_login_history_month((current_date - interval '390 days')::date)`,
    );
    const months = async (): Promise<number[]> => {
      const rows = await auth.query<{ ahead: number }>(
        `SELECT DISTINCT ((extract(year FROM m) - extract(year FROM current_date)) * 12 + extract(month FROM m) - extract(month FROM current_date))::int AS ahead
           FROM pg_partition_tree('login_history') JOIN pg_class c ON c.oid = relid,
                LATERAL to_date(right(c.relname, 7), 'YYYY_MM') AS m
          WHERE isleaf AND c.relname ~ '_[0-9]{4}_[0-9]{2}$' ORDER BY 1`,
      );
      return rows.map(({ ahead }) => ahead);
    };
    await auth.app.get(MaintenanceService).run();
    const left = await months();
    expect(left).toEqual(expect.arrayContaining([0, 1, 2]));
    expect(left.filter((ahead) => ahead < 0 && ahead >= -13)).toHaveLength(1);
    expect(left.filter((ahead) => ahead < -14)).toEqual([]);
  });

  it('cuts the addresses that sessions were opened from after ninety days as well, and no younger ones', async () => {
    const { email } = await auth.user();
    const [{ id }] = (await auth.query<{ id: string }>('SELECT id FROM users WHERE email = $1', [email])) as [
      { id: string },
    ];
    await auth.query(
      `INSERT INTO sessions (id, user_id, created_at, expires_at, methods, device_key, device_type, ip)
       SELECT gen_random_uuid(), $1, now() - days * interval '1 day', now() + interval '1 day', '{pwd}', '', 'tablet', ip::inet
         FROM unnest('{89, 91}'::int[]) AS days, unnest('{203.0.113.77, 2001:db8:1:2:3:4:5:6}'::text[]) AS ip`,
      [id],
    );
    for (let run = 0; run < 2; run++) {
      await auth.app.get(MaintenanceService).run();
      const ips = await auth.query<{ ip: string }>(
        'SELECT host(ip) AS ip FROM sessions WHERE user_id = $1 ORDER BY created_at, ip',
        [id],
      );
      expect(ips.map(({ ip }) => ip)).toEqual(['2001:db8:1::', '203.0.113.0', '2001:db8:1:2:3:4:5:6', '203.0.113.77']);
    }
  });

  it('cuts addresses in the login history to their network after ninety days, and no younger ones', async () => {
    await auth.query(
      `INSERT INTO login_history (id, occurred_at, device_type, method, outcome, ip, browser)
       SELECT gen_random_uuid(), now() - days * interval '1 day', 'tablet', 'password', 'success', ip::inet, 'cut'
         FROM unnest('{89, 91}'::int[]) AS days, unnest('{203.0.113.77, 2001:db8:1:2:3:4:5:6}'::text[]) AS ip`,
    );
    const ips = async (): Promise<unknown[]> => {
      const rows = await auth.query(
        `SELECT (current_date - occurred_at::date) > 90 AS old, host(ip) AS ip FROM login_history WHERE browser = 'cut' ORDER BY old, ip`,
      );
      return rows.map(({ old, ip }) => [old, ip]);
    };
    const cut = [
      [false, '2001:db8:1:2:3:4:5:6'],
      [false, '203.0.113.77'],
      [true, '2001:db8:1::'],
      [true, '203.0.113.0'],
    ];
    for (let run = 0; run < 2; run++) {
      await auth.app.get(MaintenanceService).run();
      expect(await ips()).toEqual(cut);
    }
  });

  it('blanks from where and on what users who have left signed in, when that was written after they left', async () => {
    const [gone, stays] = [await auth.user(), await auth.user()];
    await auth.as((await auth.login(gone)).accessToken, 'DELETE', '/users/me');
    const [left] = await auth.query<{ id: string }>('SELECT id FROM users WHERE deleted_at IS NOT NULL');
    const [here] = await auth.query<{ id: string }>('SELECT id FROM users WHERE email = $1', [stays.email]);
    const history = auth.app.get(LoginHistoryService);
    const client = { ip: '203.0.113.7', userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0' };
    for (const { id: userId } of [left!, here!])
      history.record({ userId, method: 'password', outcome: 'success', client });
    await history.settled();
    await auth.app.get(MaintenanceService).run();
    const originsOf = ({ id }: { id: string }): Promise<unknown[]> =>
      auth.query('SELECT DISTINCT host(ip) AS ip, browser, os, user_agent FROM login_history WHERE user_id = $1', [id]);
    expect(await originsOf(left!)).toEqual([{ ip: null, browser: null, os: null, user_agent: null }]);
    expect(await originsOf(here!)).toEqual([expect.objectContaining({ ip: client.ip, user_agent: client.userAgent })]);
  });

  it('deletes sign-ups that were never confirmed and keeps those that may be', async () => {
    const [old, young] = [newEmail(), newEmail()];
    for (const email of [old, young]) {
      await auth.call('POST', '/auth/register', { email, password: PASSWORD });
      await auth.linkTokenFor(email);
    }
    await auth.query(`UPDATE registrations SET expires_at = now() - interval '1 second' WHERE email = $1`, [old]);
    await auth.app.get(MaintenanceService).run();
    const left = await auth.query<{ email: string }>('SELECT email FROM registrations');
    expect(left).toEqual([{ email: young }]);
  });

  it('rotates a key that has signed for thirty days, and no younger one, and writes that down', async () => {
    const rotations = (): Promise<object[]> =>
      auth.query(`SELECT actor_id, subject_id FROM audit_entries WHERE action = 'signing_keys.rotated'`);
    const signing = async (): Promise<string> =>
      (await auth.query<{ kid: string }>(`SELECT kid FROM signing_keys WHERE status = 'current'`))[0]!.kid;
    const first = await signing();
    await auth.app.get(MaintenanceService).run();
    expect(await signing()).toBe(first);
    expect(await rotations()).toEqual([]);
    await auth.query(`UPDATE signing_keys SET status_since = now() - interval '31 days'`);
    await auth.app.get(MaintenanceService).run();
    expect(await signing()).not.toBe(first);
    expect(await rotations()).toEqual([{ actor_id: null, subject_id: null }]);
  });

  it('forgets a key once the last token it signed has expired, and no sooner', async () => {
    const kids = async (status: string): Promise<string[]> =>
      (await auth.query<{ kid: string }>('SELECT kid FROM signing_keys WHERE status = $1', [status])).map(
        ({ kid }) => kid,
      );
    const keys = auth.app.get(SigningKeysService);
    await auth.query(`DELETE FROM signing_keys WHERE status = 'previous'`);
    await keys.rotate({ early: true });
    const [old] = await kids('previous');
    await keys.rotate({ early: true });
    const young = (await kids('previous')).filter((kid) => kid !== old);
    const since = (kid: string, seconds: number): Promise<unknown> =>
      auth.query(`UPDATE signing_keys SET status_since = now() - $2 * interval '1 second' WHERE kid = $1`, [
        kid,
        seconds,
      ]);
    await since(old!, 11 * 60 + 31);
    await since(young[0]!, 11 * 60);
    await auth.app.get(MaintenanceService).run();
    expect(await kids('previous')).toEqual(young);
  });
});
