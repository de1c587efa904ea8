import { randomUUID } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TopUpSettledV1 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { Consumes, Outbox, type Received } from '#libs/messaging';
import { report } from './campaign.js';
import { eventually, EventsLab, topUp } from './events-lab.js';

const QUEUE = 'lab.project';

/** A projection: the newest amount of each aggregate. */
@Controller()
class Projector {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  @Consumes(QUEUE, TopUpSettledV1, { sideBySide: true })
  async onSettled(event: Received<TopUpSettledV1>): Promise<void> {
    await this.unitOfWork.manager.query(
      `INSERT INTO projection AS p (id, version, amount, applied) VALUES ($1, $2, $3, 1)
       ON CONFLICT (id) DO UPDATE SET version = excluded.version, amount = excluded.amount, applied = p.applied + 1
       WHERE p.version < excluded.version`,
      [event.aggregateId, event.aggregateVersion, event.payload.creditedMinor],
    );
  }
}

let lab: EventsLab;
beforeEach(async () => {
  lab = await EventsLab.open();
  await lab.sql.query(
    'CREATE TABLE projection (id uuid PRIMARY KEY, version int NOT NULL, amount text NOT NULL, applied int NOT NULL)',
  );
});
afterEach(() => lab.close());

function permutations<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

describe('five versions of one aggregate', () => {
  it.each([1, 2])(
    'in every order, some twice, end in the newest state with %i replicas',
    { timeout: 120_000 },
    async (replicas) => {
      const options = { controllers: [Projector], consumes: { [QUEUE]: [TopUpSettledV1] } };
      const apps = [];
      for (let replica = 0; replica < replicas; replica++) apps.push(await lab.start(options));
      const app = apps[0]!;
      const orders = permutations([1, 2, 3, 4, 5]);
      for (const order of orders) {
        const aggregateId = randomUUID();
        await app.get(UnitOfWork).run(async () => {
          for (const version of order)
            await app
              .get(Outbox)
              .add(topUp({ creditedMinor: String(version * 100) }), { aggregateId, aggregateVersion: version });
        });
      }
      const total = orders.length * 5;
      await eventually('all consumed', async () => (await lab.count('inbox')) === total, 60_000);
      await eventually('all marked', async () => (await lab.count('outbox', 'sent_at IS NULL')) === 0);
      await lab.sql.query('UPDATE outbox SET sent_at = NULL WHERE id % 3 = 0');
      await eventually('all sent again', async () => (await lab.count('outbox', 'sent_at IS NULL')) === 0);
      await eventually('all taken', async () => (await lab.depth(QUEUE)) === 0);
      report('orders', {
        orders: orders.length,
        replicas,
        events: total,
        'in the newest state': await lab.count('projection', `version = 5 AND amount = '500'`),
      });
      expect(await lab.count('projection')).toBe(orders.length);
      expect(await lab.count('projection', `version = 5 AND amount = '500'`)).toBe(orders.length);
      expect(await lab.count('inbox')).toBe(total);
    },
  );
});
