import { createHash } from 'node:crypto';
import { type ExecutionContext, Injectable } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail } from '@nestjs/throttler';
import { normalizeEmail } from '#libs/contracts';
import { DomainError } from '#libs/errors';

/** The caller asked too often. */
export class TooManyRequestsError extends DomainError {
  constructor(retryAfterSeconds: number) {
    super('request.too_many', 'too_many', 'Too many requests. Please wait before you try again.', {
      retryAfterSeconds,
    });
  }
}

/** Answers with a problem document instead of the throttler's own exception, and with the standard RateLimit header names. */
@Injectable()
export class LimitsGuard extends ThrottlerGuard {
  protected override headerPrefix = 'RateLimit';

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    return context.getType() === 'http' ? super.canActivate(context) : true;
  }

  protected override async throwThrottlingException(_: ExecutionContext, detail: ThrottlerLimitDetail): Promise<void> {
    throw new TooManyRequestsError(detail.timeToBlockExpire);
  }
}

/** Longer than any address that is looked at further on. */
const TOO_LONG = 1024;

/** The account a request is about, when its body names one: in its one form, then hashed, so that Redis holds no addresses. */
export function identifierOf(body: unknown): string {
  const email = (body as { email?: unknown } | null)?.email;
  if (typeof email !== 'string' || email.length > TOO_LONG) return 'none';
  return createHash('sha256').update(normalizeEmail(email)).digest('base64url');
}
