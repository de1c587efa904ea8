import { randomUUID } from 'node:crypto';
import { Controller, type INestApplication } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TopUpSettledV1 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { DomainError } from '#libs/errors';
import { Consumes, DeadLettersService, type Received } from '#libs/messaging';
import { eventually, EventsLab } from '../../../../test/messaging/events-lab.js';

const QUEUE = 'lab.record';
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
  app = await lab.start({ controllers: [Recorder], consumes: { [QUEUE]: [TopUpSettledV1] }, logger: false });
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

  it('of a consumer that does not exist are not found', async () => {
    await expect(deadLetters.inspect('lab.nobody')).rejects.toMatchObject({ kind: 'not_found' });
  });
});
