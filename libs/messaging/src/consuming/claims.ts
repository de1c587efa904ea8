import type { MessageHandler } from '@nestjs/microservices';
import { routingKeyOf } from '#libs/contracts';
import type { ResolvedMessaging } from '../messaging.options.js';
import { patternOf } from './consumes.decorator.js';

/** Compares what the app says it consumes with the handlers it has; throws naming every missing, doubled or unclaimed one. */
export function checkClaims(
  consumes: ResolvedMessaging['consumes'],
  handlers: ReadonlyMap<string, MessageHandler>,
): void {
  const claimed = Object.entries(consumes).flatMap(([consumer, contracts]) =>
    contracts.map((contract) => patternOf(consumer, routingKeyOf(contract))),
  );
  const faults = [
    ...claimed
      .filter((pattern, index) => claimed.indexOf(pattern) !== index)
      .map((pattern) => `claimed twice: ${pattern}`),
    ...claimed.filter((pattern) => !handlers.has(pattern)).map((pattern) => `no handler: ${pattern}`),
    ...[...handlers].filter(([, handler]) => handler.next).map(([pattern]) => `two handlers: ${pattern}`),
    ...[...handlers.keys()]
      .filter((pattern) => !claimed.includes(pattern))
      .map((pattern) => `not claimed in consumes: ${pattern}`),
  ];
  if (faults.length > 0) throw new Error(`Events and handlers do not match:\n  ${faults.join('\n  ')}`);
}
