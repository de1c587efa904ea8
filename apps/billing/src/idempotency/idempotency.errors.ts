import { BadRequestException } from '@nestjs/common';
import { DomainError } from '#libs/errors';

/** The header is missing or no key (400). */
export class IdempotencyKeyMissingError extends BadRequestException {
  constructor() {
    super('The header Idempotency-Key is needed: 1 to 200 printable ASCII characters, new for each intent.');
  }
}

export class IdempotencyKeyReusedError extends DomainError {
  constructor() {
    super('idempotency.key_reused', 'invalid', 'This Idempotency-Key was used before with a different request.');
  }
}

/** The first request with this key has not been answered yet. */
export class IdempotencyKeyRunningError extends DomainError {
  constructor() {
    super('idempotency.running', 'conflict', 'A request with this Idempotency-Key is still running.', {
      retryAfterSeconds: 2,
    });
  }
}
