import { applyDecorators, Catch, type RpcExceptionFilter, UseFilters } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import { type ContractClass, routingKeyOf } from '#libs/contracts';

/** Our transport's identity: handlers of `@Consumes` are registered with no other. */
export const EVENTS_TRANSPORT = Symbol('events');

/** The pattern under which a handler is registered. */
export function patternOf(consumer: string, routingKey: string): string {
  return `${consumer}|${routingKey}`;
}

/** Nest's own filter would swallow what a handler throws; the consumer must see it to decide between retry and dead letter. */
@Catch()
class RethrowFilter implements RpcExceptionFilter {
  catch(exception: unknown): Observable<never> {
    throw exception;
  }
}

/** How a handler may be run. */
export interface ConsumesOptions {
  /**
   * Handlers of messages that arrived together share a transaction and run one after the other. With this they run at the
   * same time: only for handlers that are one statement, since two that first read and then write would overwrite each other.
   */
  sideBySide?: boolean;
}

/**
 * Makes a controller's method the handler of one contract for one consumer (queue) of the app. The method gets a
 * `Received<T>`; when it returns, its effect is committed and the message acknowledged. A DomainError of kind `unavailable`
 * or any other error means another try later, every other DomainError means the dead-letter queue.
 */
export function Consumes<T extends object>(
  consumer: string,
  contract: ContractClass<T>,
  options: ConsumesOptions = {},
): MethodDecorator {
  const pattern = patternOf(consumer, routingKeyOf(contract));
  return applyDecorators(EventPattern<string>(pattern, EVENTS_TRANSPORT, { ...options }), UseFilters(RethrowFilter));
}
