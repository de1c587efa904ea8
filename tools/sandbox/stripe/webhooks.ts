import Stripe from 'stripe';
import type { FaultRule } from '../core/faults.ts';
import type { Delivery, StripeWorld } from './world.ts';
import type { WireEvent } from './objects/wire.ts';

const PARALLEL = 32;

export interface WebhookSettings {
  url: string;
  secret: string;
  retrySeconds: readonly number[];
  retryFactor: number;
  timeoutMs: number;
}

const SPOILING = [
  'webhook.wrong_secret',
  'webhook.stale',
  'webhook.future',
  'webhook.truncated',
  'webhook.tampered',
  'webhook.livemode',
  'webhook.two_signatures',
];

/** Sends every event, signed by Stripe's own code, until the receiver answers 2xx or the retries run out. */
export class WebhookDispatcher {
  readonly #world: StripeWorld;
  readonly #settings: WebhookSettings;
  readonly #signer = new Stripe('sk_test_sandbox', { telemetry: false }).webhooks;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #stopped = new AbortController();
  readonly #waiting: (() => void)[] = [];
  readonly #delayed = new Set<string>();
  #running = 0;
  #held: string[] | null = null;

  constructor(world: StripeWorld, settings: WebhookSettings) {
    this.#world = world;
    this.#settings = settings;
    world.announce = (ids) => this.#announced(ids);
  }

  /** Takes up what an earlier run of the sandbox left undelivered. */
  resume(): void {
    for (const delivery of this.#world.deliveries.values()) {
      if (delivery.state === 'pending') this.#schedule(delivery.eventId, Math.max(0, delivery.nextAt - Date.now()));
    }
  }

  /** Runs one synchronous step and keeps its events back; the caller delivers them with `deliverNow` or `deliverSoon`. */
  holdBack<T>(step: () => T): { result: T; eventIds: string[] } {
    this.#held = [];
    try {
      const result = step();
      return { result, eventIds: this.#held };
    } finally {
      this.#held = null;
    }
  }

  deliverSoon(eventIds: readonly string[], afterMs = 0): void {
    for (const id of eventIds) this.#schedule(id, afterMs);
  }

  /** Resolves when each event has been tried once. */
  async deliverNow(eventIds: readonly string[]): Promise<void> {
    await Promise.all(eventIds.map((id) => this.#deliver(id)));
  }

  /** Sends an event again, whatever became of it before. */
  replay(eventId: string): void {
    const delivery = this.#world.deliveries.get(eventId);
    if (!delivery) return;
    Object.assign(delivery, { state: 'pending', nextAt: Date.now() });
    this.#world.deliveries.put(eventId, delivery);
    this.#schedule(eventId, 0);
  }

  stop(): void {
    this.#stopped.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#world.announce = () => undefined;
  }

  #announced(ids: string[]): void {
    if (this.#held) this.#held.push(...ids);
    else this.deliverSoon(ids);
  }

  #schedule(eventId: string, afterMs: number): void {
    if (this.#settings.url === '' || this.#stopped.signal.aborted) return;
    clearTimeout(this.#timers.get(eventId));
    const timer = setTimeout(() => {
      this.#timers.delete(eventId);
      void this.#deliver(eventId);
    }, afterMs);
    this.#timers.set(eventId, timer);
  }

  async #deliver(eventId: string): Promise<void> {
    const event = this.#world.events.get(eventId);
    const delivery = this.#world.deliveries.get(eventId);
    if (!event || !delivery || delivery.state !== 'pending' || this.#settings.url === '') return;
    if (this.#postponed(event, delivery)) return;
    const spoiling = this.#take(SPOILING, event);
    const copies = this.#take(['webhook.duplicate'], event);
    const count = copies ? (copies.value ?? 2) : 1;
    const accepted = await Promise.all(Array.from({ length: count }, () => this.#send(event, delivery, spoiling)));
    if (!this.#stopped.signal.aborted) this.#conclude(delivery, accepted.includes(true));
  }

  /** A fault that keeps the event from being sent now. */
  #postponed(event: WireEvent, delivery: Delivery): boolean {
    if (this.#take(['webhook.drop'], event)) {
      delivery.state = 'dropped';
      this.#world.deliveries.put(event.id, delivery);
      return true;
    }
    if (this.#delayed.delete(event.id)) return false;
    const rule = this.#take(['webhook.delay', 'webhook.reorder'], event);
    if (!rule) return false;
    this.#delayed.add(event.id);
    const most = rule.value ?? 2000;
    const afterMs = rule.kind === 'webhook.delay' ? most : Math.floor(this.#world.random.next() * most);
    delivery.nextAt = Date.now() + afterMs;
    this.#world.deliveries.put(event.id, delivery);
    this.#schedule(event.id, afterMs);
    return true;
  }

  #take(kinds: readonly string[], event: WireEvent): FaultRule | undefined {
    return this.#world.faults.take('stripe', kinds, event.type);
  }

  async #send(event: WireEvent, delivery: Delivery, rule: FaultRule | undefined): Promise<boolean> {
    await this.#turn();
    const { body, signature, good } = this.#sign(event, rule);
    let status: number | null = null;
    let error: string | null = null;
    try {
      const response = await fetch(this.#settings.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'stripe-signature': signature,
          'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(this.#settings.timeoutMs), this.#stopped.signal]),
      });
      status = response.status;
      await response.body?.cancel();
    } catch (cause) {
      error = cause instanceof Error ? describe(cause) : String(cause);
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
    if (this.#stopped.signal.aborted) return false;
    delivery.attempts.push({
      at: new Date().toISOString(),
      status,
      error,
      spoiled: good ? null : (rule?.kind ?? null),
    });
    this.#world.log.add('stripe', `webhook ${event.type}`, { event: event.id, status, error, fault: rule?.kind });
    return good && status !== null && status >= 200 && status < 300;
  }

  async #turn(): Promise<void> {
    if (this.#running >= PARALLEL) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
  }

  #sign(event: WireEvent, rule: FaultRule | undefined): { body: string; signature: string; good: boolean } {
    const payload = JSON.stringify(rule?.kind === 'webhook.livemode' ? { ...event, livemode: true } : event, null, 2);
    const now = Math.floor(Date.now() / 1000);
    const sign = (secret = this.#settings.secret, timestamp = now): string =>
      this.#signer.generateTestHeaderString({ payload, secret, timestamp });
    switch (rule?.kind) {
      case 'webhook.wrong_secret':
        return { body: payload, signature: sign('whsec_wrong'), good: false };
      case 'webhook.stale':
        return { body: payload, signature: sign(undefined, now - (rule.value ?? 301)), good: false };
      case 'webhook.future':
        return { body: payload, signature: sign(undefined, now + (rule.value ?? 3600)), good: false };
      case 'webhook.truncated':
        return { body: payload.slice(0, -20), signature: sign(), good: false };
      case 'webhook.tampered':
        return { body: payload.replace('"livemode": false', '"livemode":  false'), signature: sign(), good: false };
      case 'webhook.livemode':
        return { body: payload, signature: sign(), good: false };
      case 'webhook.two_signatures':
        return { body: payload, signature: sign().replace(',v1=', `,v1=${'0'.repeat(64)},v1=`), good: true };
      default:
        return { body: payload, signature: sign(), good: true };
    }
  }

  #conclude(delivery: Delivery, accepted: boolean): void {
    if (this.#world.deliveries.get(delivery.eventId) !== delivery) return;
    if (accepted) delivery.state = 'delivered';
    else {
      const failures = delivery.attempts.length;
      const wait = this.#settings.retrySeconds[failures - 1];
      if (wait === undefined) delivery.state = 'failed';
      else {
        const afterMs = wait * 1000 * this.#settings.retryFactor;
        delivery.nextAt = Date.now() + afterMs;
        this.#schedule(delivery.eventId, afterMs);
      }
    }
    this.#world.deliveries.put(delivery.eventId, delivery);
  }
}

function describe(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
