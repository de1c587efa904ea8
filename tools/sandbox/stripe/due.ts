import { expireIfDue, settle } from './checkout.ts';
import { failRefund, succeedRefund } from './refunds.ts';
import type { StripeWorld } from './world.ts';

const LONGEST_WAIT_MS = 3_600_000;

/** Does what the sandbox clock makes due: expires sessions, settles debits, finishes refunds. */
export class DueWork {
  readonly #world: StripeWorld;
  #timer: NodeJS.Timeout | undefined;
  #next = Number.POSITIVE_INFINITY;

  constructor(world: StripeWorld) {
    this.#world = world;
    world.clock.onMove(() => this.run());
    world.promise = (at) => {
      if (at < this.#next) this.#wait(at);
    };
  }

  /** Carries out all that is due and waits for the next moment. */
  run(): void {
    const world = this.#world;
    const now = world.clock.seconds();
    for (const row of world.sessions.values()) expireIfDue(world, row);
    for (const row of world.intents.values()) {
      if (row.waiting?.for === 'settlement' && row.waiting.dueAt <= now) settle(world, row, row.waiting.outcome);
    }
    for (const row of world.refunds.values()) {
      if (!row.change || row.change.dueAt > now) continue;
      if (row.change.to === 'failed') failRefund(world, row);
      else succeedRefund(world, row);
    }
    this.#wait(this.#earliest());
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#world.promise = () => undefined;
  }

  #wait(at: number): void {
    clearTimeout(this.#timer);
    this.#next = at;
    if (at === Number.POSITIVE_INFINITY) return;
    const wait = Math.min(Math.max(at * 1000 - this.#world.clock.now(), 0) + 10, LONGEST_WAIT_MS);
    this.#timer = setTimeout(() => this.run(), wait);
  }

  #earliest(): number {
    const { sessions, intents, refunds } = this.#world;
    let earliest = Number.POSITIVE_INFINITY;
    for (const { session } of sessions.values()) {
      if (session.status === 'open') earliest = Math.min(earliest, session.expires_at);
    }
    for (const { waiting } of intents.values()) {
      if (waiting?.for === 'settlement') earliest = Math.min(earliest, waiting.dueAt);
    }
    for (const { change } of refunds.values()) {
      if (change) earliest = Math.min(earliest, change.dueAt);
    }
    return earliest;
  }
}
