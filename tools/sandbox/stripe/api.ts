import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FaultRule } from '../core/faults.ts';
import { dribble, hang, reset } from '../core/http.ts';
import { StripeApiError } from './errors.ts';
import { expanded } from './expand.ts';
import { decodeForm, type RawMap } from './form.ts';
import { newId } from './ids.ts';
import { Idempotency } from './idempotency.ts';
import { API_VERSION } from './objects/wire.ts';
import type { StripeWorld } from './world.ts';

export interface Call {
  id: string;
  input: RawMap;
}
/** Carries out one call at once: what it returns is the answer's body, before expansion. */
export type Operation = (call: Call) => { body: object; expand?: string[] | undefined };
interface Answer {
  status: number;
  body: string;
  replayed?: boolean;
}

/** Stripe's front desk: bearer, version, idempotency keys and faults around each operation. */
export class StripeApi {
  readonly #app: FastifyInstance;
  readonly #world: StripeWorld;
  readonly #idempotency: Idempotency;

  constructor(app: FastifyInstance, world: StripeWorld) {
    this.#app = app;
    this.#world = world;
    this.#idempotency = new Idempotency(world);
  }

  on(method: 'GET' | 'POST' | 'DELETE', path: string, operation: Operation): void {
    this.#app.route({ method, url: path, handler: async (request, reply) => this.#serve(request, reply, operation) });
  }

  /** What no route answers; always with an `error` object, or stripe-node takes the body for a result. */
  unknown(): void {
    this.#app.setNotFoundHandler((request, reply) => {
      const url = request.url.split('?')[0];
      const message = `Unrecognized request URL (${request.method}: ${url}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`;
      return this.#send(request, reply, newId('req_', 14), failure(404, { type: 'invalid_request_error', message }));
    });
  }

  async #serve(request: FastifyRequest, reply: FastifyReply, operation: Operation): Promise<FastifyReply> {
    const requestId = newId('req_', 14);
    const subject = `${request.method} ${request.url.split('?')[0]}`;
    const refusal = this.#refusal(request) ?? this.#before(subject, request, reply);
    if (refusal === 'gone') return reply;
    if (refusal) return this.#send(request, reply, requestId, refusal);
    const answer = await this.#answer(request, requestId, subject, operation);
    return this.#after(subject, request, reply, requestId, answer);
  }

  #refusal(request: FastifyRequest): Answer | undefined {
    const authorization = request.headers.authorization ?? '';
    const key = /^Bearer (.+)$/.exec(authorization)?.[1] ?? basicUser(authorization);
    if (!key) {
      const message =
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').";
      return failure(401, { type: 'invalid_request_error', message });
    }
    if (!/^(sk|rk)_test_\w+$/.test(key)) {
      return failure(401, {
        type: 'invalid_request_error',
        message: `Invalid API Key provided: ${key.slice(0, 8)}****${key.slice(-4)}`,
      });
    }
    const version = request.headers['stripe-version'];
    if (version !== undefined && version !== API_VERSION) {
      return failure(400, { type: 'invalid_request_error', message: `Invalid Stripe API version: ${String(version)}` });
    }
    return undefined;
  }

  /** Faults that strike before the call is looked at. */
  #before(subject: string, request: FastifyRequest, reply: FastifyReply): Answer | 'gone' | undefined {
    const kinds = ['api.unavailable', 'api.rate_limit', 'api.conflict', 'api.hang', 'api.reset', 'api.errorless_404'];
    const rule = this.#world.faults.take('stripe', kinds, subject);
    switch (rule?.kind) {
      case 'api.unavailable':
        return failure(rule.value ?? 503, {
          type: 'api_error',
          message: 'The server is temporarily unable to handle the request.',
        });
      case 'api.rate_limit':
        return failure(429, {
          type: 'invalid_request_error',
          code: 'rate_limit',
          message: 'Too many requests hit the API too quickly.',
        });
      case 'api.conflict':
        return failure(409, {
          type: 'invalid_request_error',
          code: 'lock_timeout',
          message:
            'This object cannot be accessed right now because another API request or Stripe process is currently accessing it.',
        });
      case 'api.errorless_404':
        return { status: 404, body: JSON.stringify({ message: 'Not Found' }) };
      case 'api.hang':
        hang(reply);
        return 'gone';
      case 'api.reset':
        reset(request, reply);
        return 'gone';
      default:
        return undefined;
    }
  }

  async #answer(request: FastifyRequest, requestId: string, subject: string, operation: Operation): Promise<Answer> {
    const key = request.method === 'POST' ? request.headers['idempotency-key'] : undefined;
    const body = typeof request.body === 'string' ? request.body : '';
    const path = request.url.split('?')[0] ?? '';
    try {
      if (typeof key !== 'string') return await this.#execute(request, requestId, subject, null, operation);
      return await this.#idempotency.run({ key, path, parameters: body, requestId }, () =>
        this.#execute(request, requestId, subject, key, operation),
      );
    } catch (error) {
      if (error instanceof StripeApiError) return failure(error.status, error.body);
      throw error;
    }
  }

  /** Runs the operation; a failure that happened after it had begun becomes an answer, so that it is kept under the key. */
  async #execute(
    request: FastifyRequest,
    id: string,
    subject: string,
    key: string | null,
    operation: Operation,
  ): Promise<Answer> {
    const slow = this.#world.faults.take('stripe', ['api.slow'], subject);
    if (slow) await pause(slow.value ?? 1000);
    if (this.#world.faults.take('stripe', ['api.error_before_commit'], subject)) return internalError();
    const query = request.url.split('?')[1] ?? '';
    const text = request.method === 'POST' && typeof request.body === 'string' ? request.body : query;
    this.#world.request = { id, idempotencyKey: key };
    try {
      const { body, expand } = operation({ id: (request.params as { id?: string }).id ?? '', input: decodeForm(text) });
      const answer = { status: 200, body: JSON.stringify(expanded(this.#world, body, expand ?? []), null, 2) };
      return this.#world.faults.take('stripe', ['api.error_after_commit'], subject) ? internalError() : answer;
    } catch (error) {
      if (error instanceof StripeApiError && error.executed) return failure(error.status, error.body);
      throw error;
    } finally {
      this.#world.request = null;
    }
  }

  /** Faults that strike once the call has taken effect. */
  #after(
    subject: string,
    request: FastifyRequest,
    reply: FastifyReply,
    requestId: string,
    answer: Answer,
  ): FastifyReply {
    const kinds = ['api.reset_after_commit', 'api.hang_after_commit', 'api.slow_body'];
    const rule: FaultRule | undefined = this.#world.faults.take('stripe', kinds, subject);
    if (!rule) return this.#send(request, reply, requestId, answer);
    if (rule.kind === 'api.reset_after_commit') reset(request, reply);
    else if (rule.kind === 'api.hang_after_commit') hang(reply);
    else dribble(reply, answer.status, headers(request, requestId, answer), answer.body, rule.value ?? 1000);
    return reply;
  }

  #send(request: FastifyRequest, reply: FastifyReply, requestId: string, answer: Answer): FastifyReply {
    return reply
      .code(answer.status)
      .headers(headers(request, requestId, answer))
      .send(answer.body);
  }
}

function headers(request: FastifyRequest, requestId: string, answer: Answer): Record<string, string> {
  const key = request.headers['idempotency-key'];
  return {
    'content-type': 'application/json',
    'request-id': requestId,
    'stripe-version': API_VERSION,
    'cache-control': 'no-cache, no-store',
    ...(typeof key === 'string' && { 'idempotency-key': key }),
    ...(answer.replayed && { 'idempotent-replayed': 'true' }),
    ...(answer.status === 409 && { 'stripe-should-retry': 'true' }),
  };
}

function failure(status: number, error: object): Answer {
  return { status, body: JSON.stringify({ error }, null, 2) };
}

function internalError(): Answer {
  return failure(500, { type: 'api_error', message: 'An unknown error occurred' });
}

/** The API key may also come as the user name of Basic authentication. */
function basicUser(authorization: string): string | undefined {
  const encoded = /^Basic (.+)$/.exec(authorization)?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString().split(':')[0];
}
