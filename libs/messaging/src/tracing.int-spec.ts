import { randomUUID } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { TopUpSettledV1 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { Consumes, Outbox } from '#libs/messaging';
import { startTracing } from '#libs/testing';
import { eventually, EventsLab, topUp } from '../../../test/messaging/events-lab.js';

const QUEUE = 'lab.record';
const traces: (string | undefined)[] = [];

@Controller()
class Recorder {
  @Consumes(QUEUE, TopUpSettledV1)
  async onSettled(): Promise<void> {
    traces.push(trace.getActiveSpan()?.spanContext().traceId);
  }
}

let lab: EventsLab;
let stopTracing: () => Promise<void>;
beforeAll(() => {
  stopTracing = startTracing();
});
afterAll(() => stopTracing());
beforeEach(async () => {
  lab = await EventsLab.open();
});
afterEach(() => lab.close());

it('continues the trace of the transaction in the handler of its event', async () => {
  const app = await lab.start({ controllers: [Recorder], consumes: { [QUEUE]: [TopUpSettledV1] } });
  const about = { aggregateId: randomUUID(), aggregateVersion: 1 };
  const traceId = await trace.getTracer('test').startActiveSpan('request', async (span) => {
    await app.get(UnitOfWork).run(() => app.get(Outbox).add(topUp(), about));
    span.end();
    return span.spanContext().traceId;
  });
  await eventually('the handler', () => traces.length > 0);
  expect(traceId).not.toMatch(/^0+$/);
  expect(traces).toEqual([traceId]);
});
