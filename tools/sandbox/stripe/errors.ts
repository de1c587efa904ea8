export interface ApiErrorBody {
  type: string;
  code?: string;
  decline_code?: string;
  param?: string;
  message: string;
  [extra: string]: unknown;
}

/** An error in Stripe's own shape. `executed` errors are kept under their idempotency key, validation failures are not. */
export class StripeApiError extends Error {
  readonly status: number;
  readonly body: ApiErrorBody;
  readonly executed: boolean;

  constructor(status: number, body: ApiErrorBody, executed = false) {
    super(body.message);
    this.status = status;
    this.body = body;
    this.executed = executed;
  }
}

/** A parameter that never reached the money. */
export function invalidParam(message: string, param: string, code?: string): StripeApiError {
  return new StripeApiError(400, { type: 'invalid_request_error', ...(code && { code }), message, param });
}

/** Refused by the state of things, after the call had begun. */
export function refused(message: string, code?: string, param?: string): StripeApiError {
  return new StripeApiError(
    400,
    { type: 'invalid_request_error', ...(code && { code }), message, ...(param && { param }) },
    true,
  );
}

/** `No such payment_intent: 'pi_x'`: 404 on the object's own path, 400 when it was named in a parameter. */
export function missing(object: string, id: string, param: string, status: 400 | 404 = 404): StripeApiError {
  return new StripeApiError(status, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${object}: '${id}'`,
    param,
  });
}
