import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '#libs/access';
import { PasswordChangedV1, TopUpSettledV1 } from '#libs/contracts';
import type { DeliveryListDto } from '../src/deliveries/delivery.dto.js';
import type { SuppressionListDto } from '../src/suppressions/suppression.dto.js';
import { type LabUser, NotificationLab } from './lab.js';
import type { Behaviour } from './mail-sink.js';

const lab = new NotificationLab();
const admin = { userId: randomUUID(), roles: ['admin'] as Role[] };
beforeAll(async () => {
  await lab.start();
  lab.mails.behaviour = (address) => faults.get(address);
});
afterAll(() => lab.stop());

/** What the mail server does for an address. Each test has its own, since they wait for the next tries side by side. */
const faults = new Map<string, ReturnType<Behaviour>>();

let version = 10;
const pay = ({ userId }: LabUser): Promise<string> =>
  lab.publish(
    new TopUpSettledV1({
      paymentId: randomUUID(),
      userId,
      paidMinor: '100',
      paidCurrency: 'EUR',
      creditedMinor: '100',
      creditedCurrency: 'EUR',
      transactionId: randomUUID(),
      settledAt: new Date().toISOString(),
    }),
    { aggregateId: userId, aggregateVersion: ++version },
  );
const changePassword = ({ userId, email }: LabUser): Promise<string> =>
  lab.publish(new PasswordChangedV1({ userId, email, locale: 'en', changedAt: new Date().toISOString() }), {
    aggregateId: userId,
    aggregateVersion: ++version,
  });
const mailOf = (messageKey: string) => lab.db.collection('deliveries').findOne({ messageKey, channel: 'email' });
const settled = (key: string, state: string): Promise<void> =>
  lab.until(async () => (await mailOf(key))?.['state'] === state, 60_000);

describe.concurrent('a mail server that', () => {
  it('greylists gets the mail again a little later, and other mail goes on', async () => {
    const [grey, other] = [await lab.addUser(), await lab.addUser()];
    faults.set(grey.email, { code: 451, message: 'Come back later' });
    const key = await pay(grey);
    await lab.until(async () => (await mailOf(key))?.['reason'] === 'temporary');
    await pay(other);
    await lab.mails.waitFor(other.email);
    expect(await mailOf(key)).toMatchObject({
      state: 'pending',
      attempts: 1,
      response: expect.stringContaining('451') as string,
    });
    faults.delete(grey.email);
    await lab.mails.waitFor(grey.email);
    await settled(key, 'sent');
  });

  it('quotes a link where it takes the mail has its answer kept without what may be secret', async () => {
    const user = await lab.addUser();
    faults.set(user.email, { accepts: 'Queued; links seen: https://cinema.example/recover?token=s3cr3t' });
    const key = await pay(user);
    await settled(key, 'sent');
    expect((await mailOf(key))?.['response']).toBe('250 Queued; links seen: https://cinema.example/recover?…');
  });

  it('refuses an address for good is not asked again: the address is suppressed, for all but security mail', async () => {
    const gone = await lab.addUser();
    faults.set(gone.email, { code: 550, message: 'No such user' });
    const key = await pay(gone);
    await settled(key, 'failed');
    expect(await mailOf(key)).toMatchObject({ reason: 'address_refused', attempts: 1 });
    faults.delete(gone.email);
    const next = await pay(gone);
    await settled(next, 'skipped');
    expect(await mailOf(next)).toMatchObject({ reason: 'suppressed' });
    await changePassword(gone);
    expect((await lab.mails.waitFor(gone.email))[0]!.mail.subject).toBe('Your password was changed');

    const { items } = (await lab.call<SuppressionListDto>('GET', '/admin/suppressions', admin)).body;
    const entry = items.find(({ address }) => address === gone.email)!;
    expect(entry).toMatchObject({ reason: 'address_refused', response: expect.stringContaining('550') as string });
    expect((await lab.call('DELETE', `/admin/suppressions/${entry.id}`, gone)).status).toBe(403);
    expect((await lab.call('DELETE', `/admin/suppressions/${entry.id}`, admin)).status).toBe(204);
    expect((await lab.call('DELETE', `/admin/suppressions/${entry.id}`, admin)).status).toBe(404);
    await settled(await pay(gone), 'sent');

    const failed = (await lab.call<DeliveryListDto>('GET', `/admin/deliveries?state=failed&user=${gone.email}`, admin))
      .body.items;
    expect(failed).toEqual([
      expect.objectContaining({ address: gone.email, template: 'top-up-receipt', reason: 'address_refused' }),
    ]);
    expect((await lab.call('POST', `/admin/deliveries/${failed[0]!.id}/retry`, gone)).status).toBe(403);
    expect((await lab.call('POST', `/admin/deliveries/${failed[0]!.id}/retry`, admin)).status).toBe(202);
    await settled(key, 'sent');
    expect((await lab.call('POST', `/admin/deliveries/${failed[0]!.id}/retry`, admin)).status).toBe(409);
    for (const template of ['verify-email', 'confirm-email-change', 'undo-email-change', 'recover-password']) {
      const id = randomUUID();
      await lab.db.collection('deliveries').insertOne({ _id: id as never, template, state: 'failed' });
      const again = await lab.call('POST', `/admin/deliveries/${id}/retry`, admin);
      expect([template, again.status]).toEqual([template, 409]);
      await lab.db.collection('deliveries').deleteOne({ _id: id as never });
    }
    const acts = lab.db
      .collection('audit_entries')
      .find({ by: admin.userId, subject: { $in: [entry.id, failed[0]!.id] } });
    expect((await acts.toArray()).map(({ action }) => action as string)).toEqual([
      'suppression.removed',
      'delivery.retried',
    ]);
  });

  it('drops the connection after the text gets it again under the same Message-ID', async () => {
    const user = await lab.addUser();
    faults.set(user.email, 'drop-after-data');
    const key = await pay(user);
    await lab.mails.waitFor(user.email);
    faults.delete(user.email);
    await settled(key, 'sent');
    const ids = lab.mails.to(user.email).map(({ mail }) => mail.messageId);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('hangs is given up after the timeout while security mail and other receipts go on', async () => {
    const [hanging, other] = [await lab.addUser(), await lab.addUser()];
    faults.set(hanging.email, 'hang');
    const key = await pay(hanging);
    await lab.until(async () => (await mailOf(key))?.['attempts'] === 1);
    const before = Date.now();
    await pay(other);
    await changePassword(other);
    await lab.mails.waitFor(other.email, 2);
    expect(Date.now() - before).toBeLessThan(5_000);
    await lab.until(async () => (await mailOf(key))?.['reason'] === 'temporary', 40_000);
    faults.delete(hanging.email);
    await settled(key, 'sent');
    expect(lab.mails.to(hanging.email)).toHaveLength(1);
  });
});

describe('somebody who asks for security mail again and again', () => {
  it('gets no more than ten in ten minutes', async () => {
    const user = await lab.addUser();
    const keys: string[] = [];
    for (let time = 0; time < 15; time++) keys.push(await changePassword(user));
    await lab.until(async () => {
      const open = await lab.db
        .collection('deliveries')
        .countDocuments({ messageKey: { $in: keys }, state: 'pending' });
      const all = await lab.db.collection('deliveries').countDocuments({ messageKey: { $in: keys }, channel: 'email' });
      return open === 0 && all === 15;
    });
    expect(lab.mails.to(user.email)).toHaveLength(10);
    expect((await lab.call('GET', '/notifications/unread-count', user)).body).toEqual({ unread: 15 });
  });
});
