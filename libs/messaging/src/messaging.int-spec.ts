import { randomUUID } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TopUpSettledV1, UserVerifiedV1 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { DomainError, UnavailableError } from '#libs/errors';
import { Consumes, Outbox, type Received } from '#libs/messaging';
import { eventually, EventsLab, topUp } from '../../../test/messaging/events-lab.js';

const QUEUE = 'lab.record';

/** What the next handler call is to do, by payment id; records the effect otherwise. */
const mishaps = new Map<string, (attempt: number) => Promise<void>>();

@Controller()
class Recorder {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  @Consumes(QUEUE, TopUpSettledV1)
  async onSettled(event: Received<TopUpSettledV1>): Promise<void> {
    await this.unitOfWork.manager.query('INSERT INTO effects (message_id) VALUES ($1)', [event.id]);
    await mishaps.get(event.payload.paymentId)?.(event.attempt);
  }
}

const consuming = { controllers: [Recorder], consumes: { [QUEUE]: [TopUpSettledV1] } };
let lab: EventsLab;

beforeEach(async () => {
  mishaps.clear();
  lab = await EventsLab.open();
});
afterEach(() => lab.close());

describe('an event', () => {
  it('takes effect once after its transaction commits', async () => {
    const app = await lab.start(consuming);
    const ids = await lab.publish(app, 50);
    await eventually('all effects', async () => (await lab.count('effects')) === 50);
    expect((await lab.effects()).sort()).toEqual([...ids].sort());
    expect(await lab.count('inbox')).toBe(50);
    await eventually('all marked', async () => (await lab.count('outbox', 'sent_at IS NULL')) === 0);
  });

  it('is not published when its transaction rolls back', async () => {
    const app = await lab.start(consuming);
    const unitOfWork = app.get(UnitOfWork);
    const about = { aggregateId: randomUUID(), aggregateVersion: 1 };
    const broken = unitOfWork.run(async () => {
      await app.get(Outbox).add(topUp(), about);
      throw new Error('changed my mind');
    });
    await expect(broken).rejects.toThrow('changed my mind');
    expect(await lab.count('outbox')).toBe(0);
  });

  it('cannot be added outside a transaction', async () => {
    const app = await lab.start({});
    await expect(app.get(Outbox).add(topUp(), { aggregateId: 'a', aggregateVersion: 1 })).rejects.toThrow(
      'UnitOfWork.run',
    );
  });

  it('cannot be added when it breaks its contract', async () => {
    const app = await lab.start({});
    const bad = topUp({ paidMinor: '10.5' });
    const adding = app.get(UnitOfWork).run(() => app.get(Outbox).add(bad, { aggregateId: 'a', aggregateVersion: 1 }));
    await expect(adding).rejects.toThrow('paidMinor');
  });

  it('cannot be added when it is too large for a message', async () => {
    const app = await lab.start({ settings: { maxMessageBytes: 1_000 } });
    const adding = app
      .get(UnitOfWork)
      .run(() => app.get(Outbox).add(topUp(), { aggregateId: 'a'.repeat(1_000), aggregateVersion: 1 }));
    await expect(adding).rejects.toMatchObject({ code: 'message.too_large' });
    expect(await lab.count('outbox')).toBe(0);
  });

  it('delivered twice takes effect once', async () => {
    const app = await lab.start(consuming);
    const [id] = await lab.publish(app, 1);
    await eventually('the effect', async () => (await lab.count('effects')) === 1);
    await lab.sql.query('UPDATE outbox SET sent_at = NULL');
    await lab.publish(app, 1);
    await eventually('both sent', async () => (await lab.count('outbox', 'sent_at IS NULL')) === 0);
    await eventually('the second effect', async () => (await lab.count('effects')) === 2);
    expect((await lab.effects()).filter((effect) => effect === id)).toHaveLength(1);
  });
});

describe('a failing handler', () => {
  it('is tried again after an unknown error, and its first try leaves nothing behind', async () => {
    const app = await lab.start(consuming);
    const paymentId = randomUUID();
    const attempts: number[] = [];
    mishaps.set(paymentId, async (attempt) => {
      attempts.push(attempt);
      if (attempt < 3) throw new Error('not yet');
    });
    await lab.publish(app, 1, () => ({ paymentId }));
    await eventually('the effect', async () => (await lab.count('effects')) === 1);
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('sends its message to the dead letters at once for a DomainError, and its neighbours are done', async () => {
    const app = await lab.start(consuming);
    const paymentId = randomUUID();
    let calls = 0;
    mishaps.set(paymentId, async (attempt) => {
      calls = Math.max(calls, attempt);
      throw new DomainError('payment.unknown', 'not_found', 'no such payment');
    });
    await lab.publish(app, 20, (index) => (index === 7 ? { paymentId } : {}));
    await eventually('the neighbours', async () => (await lab.count('effects')) === 19);
    await eventually('the dead letter', async () => (await lab.depth(`${QUEUE}.dead`)) === 1);
    expect(calls).toBe(1);
  });

  it('is given up after the last try', async () => {
    const app = await lab.start({ ...consuming, settings: { maxAttempts: 3 } });
    const paymentId = randomUUID();
    mishaps.set(paymentId, () => Promise.reject(new Error('always')));
    await lab.publish(app, 1, () => ({ paymentId }));
    await eventually('the dead letter', async () => (await lab.depth(`${QUEUE}.dead`)) === 1);
    expect(await lab.count('effects')).toBe(0);
  });

  it('is tried for longer when a dependency is unavailable', async () => {
    const app = await lab.start({ ...consuming, settings: { maxAttempts: 2 } });
    const paymentId = randomUUID();
    mishaps.set(paymentId, async (attempt) => {
      if (attempt < 4) throw new UnavailableError('Somebody');
    });
    await lab.publish(app, 1, () => ({ paymentId }));
    await eventually('the effect', async () => (await lab.count('effects')) === 1);
  });

  it('that hangs is cut off, rolled back and tried again', async () => {
    const app = await lab.start({ ...consuming, settings: { handlerTimeoutMs: 300 } });
    const paymentId = randomUUID();
    mishaps.set(paymentId, async (attempt) => {
      if (attempt === 1) await new Promise(() => undefined);
    });
    await lab.publish(app, 1, () => ({ paymentId }));
    await eventually('the effect', async () => (await lab.count('effects')) === 1);
    expect(await lab.count('inbox')).toBe(1);
  });
});

describe('the start', () => {
  it('stops when a claimed contract has no handler', async () => {
    await expect(lab.start({ consumes: consuming.consumes })).rejects.toThrow(
      'no handler: lab.record|billing.topup.settled.v1',
    );
  });

  it('stops when a handler is not claimed', async () => {
    await expect(lab.start({ controllers: [Recorder] })).rejects.toThrow(
      'not claimed in consumes: lab.record|billing.topup.settled.v1',
    );
  });

  it("stops when the app publishes another's news", async () => {
    await expect(lab.start({ publishes: [UserVerifiedV1] })).rejects.toThrow('billing publishes UserVerifiedV1');
  });

  it('stops when a queue exists with other properties, naming it', async () => {
    const channel = await lab.channel();
    await channel.assertQueue(`${lab.namespace}${QUEUE}`, { durable: true });
    await expect(lab.start(consuming)).rejects.toThrow(/topology differs.*lab\.record/);
  });

  it('does not wait for a broker that is not there', async () => {
    const app = await lab.start({ ...consuming, settings: { urls: ['amqp://127.0.0.1:1'] } });
    await lab.publish(app, 1);
    expect(await lab.count('outbox', 'sent_at IS NULL')).toBe(1);
  });
});
