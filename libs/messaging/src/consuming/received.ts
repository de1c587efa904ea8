import type { ConsumeMessage } from 'amqplib';
import { ContractViolation, type Envelope, parseEnvelope } from '#libs/contracts';
import { DomainError } from '#libs/errors';

/** What a handler gets: the facts and their envelope. */
export interface Received<T extends object = object> {
  /** The same at every delivery of the same event. */
  id: string;
  /** ISO 8601, UTC. */
  occurredAt: string;
  producer: string;
  aggregateId: string;
  aggregateVersion: number;
  payload: T;
  /** 1 for the first try. */
  attempt: number;
}

/** Headers the library puts on messages of its own. */
export const HEADER = {
  attempt: 'x-attempt',
  reason: 'x-dead-reason',
  error: 'x-dead-error',
  failedAt: 'x-dead-at',
} as const;

/** A message that can never be handled. */
export class PoisonMessageError extends DomainError {
  constructor(code: string, message: string) {
    super(code, 'invalid', message);
  }
}

/** A message so large that it is not even looked at. */
export class MessageTooLargeError extends PoisonMessageError {
  constructor(bytes: number, allowed: number) {
    super('message.too_large', `${bytes} bytes; ${allowed} are allowed`);
  }
}

/** A delivery that passed its contract. */
export interface Parsed {
  routingKey: string;
  traceparent: string | undefined;
  received: Received;
}

/** Reads a delivery. Throws PoisonMessageError when it is too large or breaks its contract. */
export function parseDelivery(message: ConsumeMessage, maxBytes: number): Parsed {
  if (message.content.length > maxBytes) throw new MessageTooLargeError(message.content.length, maxBytes);
  const envelope = parse(message.content.toString('utf8'));
  const { id, occurredAt, producer, aggregateId, aggregateVersion, payload } = envelope;
  return {
    routingKey: `${envelope.name}.v${envelope.version}`,
    traceparent: envelope.traceparent,
    received: { id, occurredAt, producer, aggregateId, aggregateVersion, payload, attempt: attemptOf(message) },
  };
}

function parse(body: string): Envelope {
  try {
    return parseEnvelope(body);
  } catch (error) {
    throw error instanceof ContractViolation ? new PoisonMessageError(error.code, error.message) : error;
  }
}

export function attemptOf(message: ConsumeMessage): number {
  const attempt = Number(message.properties.headers?.[HEADER.attempt]);
  return Number.isSafeInteger(attempt) && attempt > 0 ? attempt : 1;
}

/** How often the broker has delivered this very message before without an answer. */
export function redeliveriesOf(message: ConsumeMessage): number {
  return Number(message.properties.headers?.['x-delivery-count'] ?? 0);
}
