import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TopUpSettledV1 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { Consumes, MessagingHealth, Outbox, type Received } from '#libs/messaging';
import { type PrivateRabbit, privateRabbit, rabbitctl, report } from './campaign.js';
import { eventually, EventsLab, topUp } from './events-lab.js';

const QUEUE = 'lab.record';
/** No request takes longer than this, whatever the broker does. */
const REQUEST_LIMIT_MS = 2_000;

@Controller()
class Shop {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly outbox: Outbox,
  ) {}

  @Post('orders')
  order(): Promise<string> {
    return this.unitOfWork.run(() => this.outbox.add(topUp(), { aggregateId: randomUUID(), aggregateVersion: 1 }));
  }

  @Consumes(QUEUE, TopUpSettledV1)
  async onSettled(event: Received<TopUpSettledV1>): Promise<void> {
    await this.unitOfWork.manager.query('INSERT INTO effects (message_id) VALUES ($1)', [event.id]);
  }
}

let rabbit: PrivateRabbit;
let lab: EventsLab;
let app: NestFastifyApplication;

beforeAll(async () => {
  rabbit = await privateRabbit();
});
afterAll(() => rabbit.stop());
beforeEach(async () => {
  lab = await EventsLab.open(rabbit.url);
  app = await startShop();
});
afterEach(() => lab.close());

async function startShop(): Promise<NestFastifyApplication> {
  const shop = await lab.start({
    controllers: [Shop],
    consumes: { [QUEUE]: [TopUpSettledV1] },
    settings: { confirmTimeoutMs: 1_500 },
    logger: false,
  });
  return shop as NestFastifyApplication;
}

/** Sends a request every 20 ms until the fault is over; returns how many there were and the slowest, in milliseconds. */
async function requestsDuring(fault: Promise<unknown>): Promise<{ requests: number; slowest: number }> {
  let over = false;
  void fault.finally(() => (over = true));
  const answers: Promise<number>[] = [];
  while (!over) {
    answers.push(request());
    await delay(20);
  }
  await fault;
  const times = await Promise.all(answers);
  return { requests: times.length, slowest: Math.round(Math.max(...times)) };
}

async function request(): Promise<number> {
  const started = performance.now();
  const { statusCode } = await app.inject({ method: 'POST', url: '/orders' });
  expect(statusCode).toBe(201);
  return performance.now() - started;
}

/** Everything committed has its effect, once. */
async function expectDrained(title: string, figures: { requests: number; slowest: number }): Promise<void> {
  const healed = performance.now();
  await eventually('every effect', async () => (await lab.count('effects')) === (await lab.count('outbox')), 60_000);
  report(title, { ...figures, 'drained after ms': Math.round(performance.now() - healed) });
  expect(figures.slowest).toBeLessThan(REQUEST_LIMIT_MS);
  expect(new Set(await lab.effects()).size).toBe(await lab.count('outbox'));
}

async function degraded(): Promise<string[]> {
  return (await app.get(MessagingHealth).status()).degraded;
}

describe('requests are answered, nothing is lost and all drains', () => {
  it('when the queue is deleted under its consumer', { timeout: 120_000 }, async () => {
    const fault = async (): Promise<void> => {
      await delay(300);
      await (await lab.channel()).deleteQueue(`${lab.namespace}${QUEUE}`);
      await delay(700);
    };
    // What lay in the queue when it was deleted is sent again by a replay; see the campaign of the wiped broker.
    const figures = await requestsDuring(fault());
    await eventually('a new queue', async () => (await lab.depth(QUEUE).catch(() => -1)) >= 0);
    await lab.sql.query('UPDATE outbox SET sent_at = NULL');
    await expectDrained('deleted queue', figures);
  });

  it('when the exchange is gone', { timeout: 120_000 }, async () => {
    const fault = async (): Promise<void> => {
      await (await lab.channel()).deleteExchange(`${lab.namespace}events`);
      await delay(1_000);
    };
    await expectDrained('missing exchange', await requestsDuring(fault()));
  });

  it('when the broker has a disk alarm, which readiness tells of', { timeout: 120_000 }, async () => {
    await request();
    const fault = async (): Promise<void> => {
      await rabbitctl(rabbit, 'set_disk_free_limit', '900000GB');
      await eventually(
        'the alarm in readiness',
        async () => (await degraded()).includes('broker alarm: nothing is accepted'),
        30_000,
      );
      await rabbitctl(rabbit, 'set_disk_free_limit', '64MB');
    };
    await expectDrained('disk alarm', await requestsDuring(fault()));
    await eventually('readiness', async () => (await degraded()).length === 0);
  });

  it('when the broker is frozen', { timeout: 180_000 }, async () => {
    await request();
    const fault = async (): Promise<void> => {
      await rabbit.kill('SIGSTOP');
      await delay(10_000);
      await rabbit.kill('SIGCONT');
    };
    await expectDrained('frozen broker', await requestsDuring(fault()));
  });

  it('when the broker restarts, and readiness says so meanwhile', { timeout: 180_000 }, async () => {
    const fault = async (): Promise<void> => {
      await rabbit.stopKeepingData();
      await eventually('the loss in readiness', async () =>
        (await degraded()).some((line) => line.startsWith('broker not connected')),
      );
      await rabbit.restart();
    };
    await expectDrained('restarted broker', await requestsDuring(fault()));
    await eventually('readiness', async () => (await degraded()).length === 0);
  });
});

/** Makes queues answer nothing, as one without a leader does, or answer again. */
async function tell(queues: string[], word: 'suspend' | 'resume'): Promise<void> {
  for (const queue of queues) {
    const name = `rabbit_misc:r(<<"/">>, queue, <<"${lab.namespace}${queue}">>)`;
    await rabbitctl(
      rabbit,
      'eval',
      `{ok, Q} = rabbit_amqqueue:lookup(${name}), {Leader, _} = amqqueue:get_pid(Q), sys:${word}(Leader).`,
    );
  }
}

describe('queues for what cannot be handled that do not answer', () => {
  it(
    'hold up no event, are told of by readiness and are used when they answer again',
    { timeout: 180_000 },
    async () => {
      const silent = [`${QUEUE}.quarantine`, `${QUEUE}.dead`];
      await request();
      await app.close();
      await tell(silent, 'suspend');
      try {
        const channel = await lab.channel();
        channel.sendToQueue(`${lab.namespace}${QUEUE}`, Buffer.from('not JSON'), { persistent: true });
        app = await startShop();
        for (let index = 0; index < 20; index++) await request();
        await eventually('the effects', async () => (await lab.count('effects')) === 21, 30_000);
        await eventually(
          'readiness',
          async () => {
            const lines = await degraded();
            return (
              lines.some((line) => line.startsWith(`quarantine of ${QUEUE}`)) &&
              lines.some((line) => line.startsWith('failed messages cannot be moved'))
            );
          },
          30_000,
        );
        // Long after the broker should have confirmed the dead letter.
        await request();
        await eventually('the effect', async () => (await lab.count('effects')) === 22);
      } finally {
        await tell(silent, 'resume');
      }
      await eventually('the dead letter', async () => (await lab.depth(`${QUEUE}.dead`)) > 0, 60_000);
      await eventually('readiness', async () => (await degraded()).length === 0, 60_000);
    },
  );
});

describe('at the end of the process', () => {
  it('what is in hand is finished and acknowledged, and the rest is left for others', async () => {
    for (let index = 0; index < 200; index++) await request();
    await app.close();
    const done = await lab.count('effects');
    const left = await lab.depth(QUEUE);
    const unsent = await lab.count('outbox', 'sent_at IS NULL');
    expect(done + left + unsent).toBe(200);
  });
});
