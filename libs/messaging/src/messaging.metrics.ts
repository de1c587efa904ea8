import { Counter, Gauge, Histogram } from 'prom-client';

export const published = new Counter({
  name: 'events_published_total',
  help: 'Outbox rows the relay has tried to publish, by what became of them',
  labelNames: ['contract', 'result'] as const,
});

export const consumed = new Counter({
  name: 'events_consumed_total',
  help: 'Deliveries settled, by what became of them: done, duplicate, retry, dead, quarantine',
  labelNames: ['consumer', 'outcome'] as const,
});

export const handling = new Histogram({
  name: 'event_handling_seconds',
  help: 'Time a handler took',
  labelNames: ['consumer'] as const,
  buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
});

export const effectDelay = new Histogram({
  name: 'event_effect_delay_seconds',
  help: 'Time between the moment an event occurred and its effect, retries included',
  labelNames: ['consumer'] as const,
  buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300],
});

export const outboxLag = new Gauge({
  name: 'outbox_lag_seconds',
  help: 'Age of the oldest outbox row that is due and not yet published',
});
