/** What kind of failure an error is; decides the HTTP status and whether a consumer tries again. Closed list. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'payment_required'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_many'
  | 'unavailable';

/** What a DomainError may carry beside its message. */
export interface DomainErrorOptions {
  /** Facts for the client, written into the problem document as they are. Never secrets. */
  meta?: Record<string, unknown>;
  /** After how many seconds a retry makes sense; becomes the Retry-After header. */
  retryAfterSeconds?: number;
  /** The limit that was reached: what is counted by it and how much it lets through; becomes the RateLimit headers with that suffix. */
  limit?: { by: string; most: number };
  cause?: unknown;
}

/** An error the domain foresees: a stable snake_case `code` such as `topup.already_settled`, a kind and a sentence for people. */
export class DomainError extends Error {
  readonly meta: Record<string, unknown> | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly limit: DomainErrorOptions['limit'];

  constructor(
    readonly code: string,
    readonly kind: ErrorKind,
    message: string,
    options: DomainErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.meta = options.meta;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.limit = options.limit;
  }
}

/** A dependency is down or too slow: 503 with Retry-After for a client, another try for a consumer. */
export class UnavailableError extends DomainError {
  constructor(dependency: string, cause?: unknown) {
    super('service.unavailable', 'unavailable', `${dependency} is not available right now. Please try again.`, {
      retryAfterSeconds: 2,
      cause,
    });
  }
}

/** The request breaks a rule of its schema; `errors` names each field and its fault. */
export class ValidationFailedError extends DomainError {
  constructor(errors: { field: string; message: string }[]) {
    super('request.invalid', 'invalid', 'The request is not valid.', { meta: { errors } });
  }
}
