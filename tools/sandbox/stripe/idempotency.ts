import { StripeApiError, invalidParam } from './errors.ts';
import type { StripeWorld } from './world.ts';

const KEPT_SECONDS = 24 * 3600;

interface Keyed {
  key: string;
  path: string;
  parameters: string;
  requestId: string;
}

/**
 * Stripe's rule for `Idempotency-Key`: the first status and body are kept and given again, failures of the server included.
 * Other parameters are an error, a call still under way is 409, and what failed validation (a throw) is not kept.
 */
export class Idempotency {
  readonly #world: StripeWorld;
  readonly #underWay = new Set<string>();

  constructor(world: StripeWorld) {
    this.#world = world;
  }

  async run<T extends { status: number; body: string }>(
    call: Keyed,
    execute: () => Promise<T>,
  ): Promise<T | (T & { replayed: true })> {
    const { key, path } = call;
    if (key.length > 255)
      throw invalidParam('Idempotency key is too long; the maximum is 255 characters.', 'idempotency_key');
    const parameters = normalised(call.parameters);
    const kept = this.#kept(key);
    if (kept) {
      if (kept.path !== path)
        throw misuse(
          `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${kept.path}').`,
          key,
        );
      if (kept.parameters !== parameters)
        throw misuse(
          'Keys for idempotent requests can only be used with the same parameters they were first used with.',
          key,
        );
      return { status: kept.status, body: kept.body, replayed: true } as unknown as T & { replayed: true };
    }
    if (this.#underWay.has(key)) {
      throw new StripeApiError(409, {
        type: 'invalid_request_error',
        code: 'idempotency_key_in_use',
        message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}.`,
      });
    }
    this.#underWay.add(key);
    try {
      const answer = await execute();
      const { status, body } = answer;
      this.#world.answers.put(key, {
        path,
        parameters,
        status,
        body,
        requestId: call.requestId,
        at: this.#world.clock.seconds(),
      });
      return answer;
    } finally {
      this.#underWay.delete(key);
    }
  }

  #kept(key: string) {
    const kept = this.#world.answers.get(key);
    if (!kept || this.#world.clock.seconds() - kept.at < KEPT_SECONDS) return kept;
    this.#world.answers.delete(key);
    return undefined;
  }
}

function misuse(rule: string, key: string): StripeApiError {
  const message = `${rule} Try using a key other than '${key}' if you meant to execute a different request.`;
  return new StripeApiError(400, { type: 'idempotency_error', message });
}

/** The same parameters in another order are the same call. */
function normalised(form: string): string {
  const pairs = [...new URLSearchParams(form)].map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.sort().join('&');
}
