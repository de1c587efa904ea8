import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Controller, type INestApplication } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TopUpSettledV1 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { DomainError, UnavailableError } from '#libs/errors';
import { Consumes, DeadLettersService, type Received } from '#libs/messaging';
import { eventually, EventsLab } from '../../../../test/messaging/events-lab.js';

const QUEUE = 'lab.record';
const LIMIT = 100_000;
let refuse = true;

@Controller()
class Recorder {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  @Consumes(QUEUE, TopUpSettledV1)
  async onSettled(event: Received<TopUpSettledV1>): Promise<void> {
    if (refuse) throw new DomainError('account.closed', 'conflict', 'the account is closed');
    await this.unitOfWork.manager.query('INSERT INTO effects (message_id) VALUES ($1)', [event.id]);
  }
}

let lab: EventsLab;
let app: INestApplication;
let deadLetters: DeadLettersService;

beforeEach(async () => {
  refuse = true;
  lab = await EventsLab.open();
  app = await lab.start({
    controllers: [Recorder],
    consumes: { [QUEUE]: [TopUpSettledV1] },
    logger: false,
    settings: { maxMessageBytes: LIMIT },
  });
  deadLetters = app.get(DeadLettersService);
});
afterEach(() => lab.close());

async function dead(count: number): Promise<void> {
  await eventually(`${count} dead letters`, async () => (await deadLetters.list())[0]?.messages === count);
}

describe('dead letters', () => {
  it('are counted and shown with the reason, and stay where they are', async () => {
    const [id] = await lab.publish(app, 1);
    await dead(1);
    const letters = await deadLetters.inspect(QUEUE);
    expect(letters).toMatchObject([
      { id, name: 'billing.topup.settled.v1', reason: 'account.closed', error: 'the account is closed', attempt: 1 },
    ]);
    expect(letters[0]!.body).toContain(id);
    await dead(1);
  });

  it('are shown from the oldest on, page after page, however often somebody has looked', async () => {
    await lab.publish(app, 14);
    await dead(14);
    const keys = (letters: { id: string; deadAt: string | null }[]) =>
      letters.map(({ id, deadAt }) => `${deadAt} ${id}`);
    const all = keys(await deadLetters.inspect(QUEUE));
    expect(all).toEqual(all.toSorted());
    const pages: string[] = [];
    for (let page = await deadLetters.inspect(QUEUE, 4); page.length > 0;) {
      pages.push(...keys(page));
      page = await deadLetters.inspect(QUEUE, 4, page.at(-1));
    }
    expect(pages).toEqual(all);
  });

  it('that were dealt with are gone and the others are not, however many there are', async () => {
    const ids = await lab.publish(app, 250);
    await dead(250);
    expect(await deadLetters.discard(QUEUE, { ids: ids.slice(0, 120) })).toBe(120);
    await dead(130);
    refuse = false;
    expect(await deadLetters.redrive(QUEUE, { ids: ids.slice(120, 200) })).toBe(80);
    await dead(50);
    await eventually('their effects', async () => (await lab.count('effects')) === 80);
    expect(await deadLetters.redrive(QUEUE, 'all')).toBe(50);
    await dead(0);
    await eventually('all effects', async () => (await lab.count('effects')) === 130);
  });

  it('are too large messages as they came, and the next one is handled', async () => {
    refuse = false;
    const channel = await lab.channel();
    const messageId = randomUUID();
    channel.sendToQueue(`${lab.namespace}${QUEUE}`, Buffer.alloc(LIMIT + 1, 'x'), { messageId, persistent: true });
    await channel.waitForConfirms();
    await channel.close();
    await dead(1);
    const [letter] = await deadLetters.inspect(QUEUE);
    expect(letter).toMatchObject({ id: messageId, reason: 'message.too_large', bytes: LIMIT + 1 });
    expect(await deadLetters.redrive(QUEUE, 'all')).toBe(0);
    await dead(1);
    const [id] = await lab.publish(app, 1);
    await eventually('the effect of the next', async () => (await lab.effects()).includes(id!));
  });

  it('sent again are handled, and only those chosen', async () => {
    const ids = await lab.publish(app, 3);
    await dead(3);
    refuse = false;
    expect(await deadLetters.redrive(QUEUE, { ids: [ids[1]!] })).toBe(1);
    await eventually('its effect', async () => (await lab.effects()).includes(ids[1]!));
    await dead(2);
    expect(await deadLetters.redrive(QUEUE, 'all')).toBe(2);
    await eventually('the rest', async () => (await lab.count('effects')) === 3);
    await dead(0);
  });

  it('sent again twice, as after an interruption, take effect once', async () => {
    const [id] = await lab.publish(app, 1);
    await dead(1);
    const channel = await lab.channel();
    const copy = await channel.get(`${lab.namespace}${QUEUE}.dead`);
    if (copy) channel.sendToQueue(`${lab.namespace}${QUEUE}.dead`, copy.content, { messageId: id!, persistent: true });
    await channel.waitForConfirms();
    await channel.close();
    await dead(2);
    refuse = false;
    expect(await deadLetters.redrive(QUEUE, 'all')).toBe(2);
    await eventually('both answered', async () => (await lab.depth(QUEUE)) === 0 && (await lab.count('inbox')) === 1);
    expect(await lab.effects()).toEqual([id]);
  });

  it('are thrown away by id or all together', async () => {
    const ids = await lab.publish(app, 3);
    await dead(3);
    expect(await deadLetters.discard(QUEUE, { ids: [ids[0]!, randomUUID()] })).toBe(1);
    await dead(2);
    expect(await deadLetters.discard(QUEUE, 'all')).toBe(2);
    await dead(0);
    expect(await lab.count('effects')).toBe(0);
  });

  it('are left alone when what they are about to suffer cannot be written down', async () => {
    await lab.publish(app, 2);
    await dead(2);
    const before = (): Promise<void> => Promise.reject(new UnavailableError('The audit log'));
    await expect(deadLetters.discard(QUEUE, 'all', { before })).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(deadLetters.redrive(QUEUE, 'all', { before })).rejects.toMatchObject({ kind: 'unavailable' });
    await dead(2);
    expect(await lab.count('effects')).toBe(0);
  });

  it('are not passed over by the second of two who want the same one and the first lets go', async () => {
    const [id] = await lab.publish(app, 1);
    await dead(1);
    refuse = false;
    let second: Promise<number> | undefined;
    const first = deadLetters.redrive(QUEUE, 'all', {
      before: async () => {
        second = deadLetters.redrive(QUEUE, { ids: [id!] });
        // What happened if nothing made it wait.
        await Promise.race([second, delay(300)]);
        throw new UnavailableError('The audit log');
      },
    });
    await expect(first).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await second).toBe(1);
    await eventually('its effect', async () => (await lab.effects()).includes(id!));
  });

  it('belong to one of two who want them, and the other is told when it takes too long', async () => {
    const ids = await lab.publish(app, 5);
    await dead(5);
    refuse = false;
    const counts = await Promise.all([deadLetters.redrive(QUEUE, 'all'), deadLetters.redrive(QUEUE, 'all')]);
    expect(new Set(counts)).toEqual(new Set([0, 5]));
    await eventually('all effects', async () => (await lab.count('effects')) === 5);
    expect((await lab.effects()).toSorted()).toEqual(ids.toSorted());
    refuse = true;
    await lab.publish(app, 1);
    await dead(1);
    const before = (): Promise<void> =>
      expect(deadLetters.inspect(QUEUE)).rejects.toMatchObject({ code: 'dead_letters.busy', kind: 'conflict' });
    expect(await deadLetters.discard(QUEUE, 'all', { before })).toBe(1);
  });

  it('of a consumer that does not exist are not found', async () => {
    await expect(deadLetters.inspect('lab.nobody')).rejects.toMatchObject({ kind: 'not_found' });
  });
});
