import type Stripe from 'stripe';
import { newId } from './ids.ts';
import { API_VERSION, type WireEvent } from './objects/wire.ts';
import type { StripeWorld } from './world.ts';

/** Collects what happened in one step; each object is copied as it is at that moment. */
export class EventBatch {
  readonly #drafts: { type: Stripe.Event.Type; object: unknown; previous?: Record<string, unknown> }[] = [];

  add(type: Stripe.Event.Type, object: object, previous?: Record<string, unknown>): this {
    this.#drafts.push({
      type,
      object: structuredClone(object),
      ...(previous && { previous: structuredClone(previous) }),
    });
    return this;
  }

  /** Writes the events down and announces them in no fixed order, as Stripe promises none. */
  publish(world: StripeWorld): void {
    const ids = this.#drafts.map(({ type, object, previous }) => {
      const event: WireEvent = {
        id: newId('evt_1', 23),
        object: 'event',
        api_version: API_VERSION,
        created: world.clock.seconds(),
        data: { object, ...(previous && { previous_attributes: previous }) },
        livemode: false,
        pending_webhooks: 1,
        request: { id: world.request?.id ?? null, idempotency_key: world.request?.idempotencyKey ?? null },
        type,
      };
      world.events.put(event.id, event);
      world.deliveries.put(event.id, { eventId: event.id, type, state: 'pending', nextAt: Date.now(), attempts: [] });
      return event.id;
    });
    world.announce(world.random.shuffle(ids));
  }
}
