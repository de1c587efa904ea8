import type { MessageHandler } from '@nestjs/microservices';
import { describe, expect, it } from 'vitest';
import { TopUpSettledV1, UserVerifiedV1 } from '#libs/contracts';
import { checkClaims } from './claims.js';

const TOP_UP = 'notification.send-receipt|billing.topup.settled.v1';
const handler = (next?: MessageHandler): MessageHandler =>
  Object.assign(async () => undefined, next ? { next } : {}) as never;

describe('claims and handlers', () => {
  it('match one to one', () => {
    expect(() =>
      checkClaims({ 'notification.send-receipt': [TopUpSettledV1] }, new Map([[TOP_UP, handler()]])),
    ).not.toThrow();
  });

  it('that do not match are all named', () => {
    const handlers = new Map([
      [TOP_UP, handler(handler())],
      ['notification.other|a.b.c.v1', handler()],
    ]);
    const claims = { 'notification.send-receipt': [TopUpSettledV1, UserVerifiedV1, UserVerifiedV1] };
    expect(() => checkClaims(claims, handlers)).toThrow(
      expect.objectContaining({
        message: [
          'Events and handlers do not match:',
          'claimed twice: notification.send-receipt|auth.user.verified.v1',
          'no handler: notification.send-receipt|auth.user.verified.v1',
          'no handler: notification.send-receipt|auth.user.verified.v1',
          `two handlers: ${TOP_UP}`,
          'not claimed in consumes: notification.other|a.b.c.v1',
        ].join('\n  '),
      }),
    );
  });
});
