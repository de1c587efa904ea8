import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { ConsumeMessage } from 'amqplib';
import { TransactionTimeoutError } from '#libs/database';
import { DomainError } from '#libs/errors';
import type { Broker } from '../broker/broker.js';
import type { ResolvedMessaging } from '../messaging.options.js';
import { attemptOf, HEADER } from './received.js';

/** Where a message goes that could not be handled. */
export type Verdict = { to: 'retry'; delayMs: number } | { to: 'dead'; reason: string };

type Limits = Pick<ResolvedMessaging, 'retryDelaysMs' | 'maxAttempts' | 'maxUnavailableAttempts'>;

/** A dependency that is down or an unknown error is tried again, with growing pauses; a DomainError of any other kind never is. */
export function judge(error: unknown, attempt: number, limits: Limits): Verdict {
  // A handler that never ends is a fault of its own, whatever it waits for.
  const foreseen = error instanceof DomainError && !(error instanceof TransactionTimeoutError);
  const unavailable = foreseen && error.kind === 'unavailable';
  if (foreseen && !unavailable) return { to: 'dead', reason: error.code };
  if (attempt >= (unavailable ? limits.maxUnavailableAttempts : limits.maxAttempts))
    return { to: 'dead', reason: 'message.attempts_exhausted' };
  const delays = limits.retryDelaysMs;
  return { to: 'retry', delayMs: delays[Math.min(attempt, delays.length) - 1]! };
}

/** Moves messages that could not be handled: the copy is confirmed before the original is acknowledged. */
export class FailureRouter {
  private readonly logger = new Logger('Events');

  constructor(
    private readonly broker: Broker,
    private readonly messaging: ResolvedMessaging,
    private readonly closed: AbortSignal,
  ) {}

  /** Sends the message to where the verdict says; resolves when it is safe there, however long the broker takes. */
  async move(consumer: string, message: ConsumeMessage, error: unknown): Promise<Verdict['to']> {
    const attempt = attemptOf(message);
    const verdict = judge(error, attempt, this.messaging);
    const text = error instanceof Error ? error.message : String(error);
    if (verdict.to === 'retry') {
      this.logger.warn(`${consumer}: try ${attempt} of ${message.properties.messageId} failed: ${text}`);
      await this.copy(this.broker.topology.retry(verdict.delayMs), this.broker.topology.queue(consumer), message, {
        headers: { [HEADER.attempt]: attempt + 1 },
        expiration: Math.round(verdict.delayMs * (0.75 + Math.random() / 2)),
      });
    } else {
      this.logger.error(`${consumer}: ${message.properties.messageId} is a dead letter (${verdict.reason}): ${text}`);
      await this.copy('', this.broker.topology.dead(consumer), message, {
        headers: {
          [HEADER.attempt]: attempt,
          [HEADER.reason]: verdict.reason,
          [HEADER.error]: text.slice(0, 1_000),
          [HEADER.failedAt]: new Date().toISOString(),
        },
      });
    }
    return verdict.to;
  }

  /** Sends the message to be tried alone. */
  async quarantine(consumer: string, message: ConsumeMessage): Promise<void> {
    await this.copy('', this.broker.topology.quarantine(consumer), message, { headers: {} });
  }

  private async copy(
    exchange: string,
    routingKey: string,
    message: ConsumeMessage,
    options: { headers: Record<string, unknown>; expiration?: number },
  ): Promise<void> {
    const { messageId, type, contentType, headers } = message.properties;
    const kept = plainHeaders(headers ?? {});
    for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 5_000)) {
      try {
        const result = await this.broker.mover.publishPatiently(exchange, routingKey, message.content, {
          messageId,
          type,
          contentType,
          ...options,
          headers: { ...kept, ...options.headers },
        });
        if (result === 'confirmed') return;
        this.logger.error(`No queue takes ${routingKey}`);
      } catch (error) {
        if (this.closed.aborted) throw error;
      }
      // The original stays unacknowledged meanwhile.
      await delay(pauseMs, undefined, { signal: this.closed });
    }
  }
}

/** The broker's own headers are about the old copy, and a stranger's could be too large to send again. */
function plainHeaders(headers: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(headers).filter(
    ([name, value]) => !BROKER_HEADERS.test(name) && String(value).length <= 500,
  );
  return Object.fromEntries(kept.filter(([, value]) => typeof value !== 'object').slice(0, 20));
}

const BROKER_HEADERS = /^x-(delivery-count|death|first-death|last-death)/;
