import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { Principal } from '#libs/access';
import { IdempotencyKeyMissingError } from './idempotency.errors.js';
import { IdempotencyService } from './idempotency.service.js';

const KEY = /^[\x21-\x7e]{1,200}$/;

/** The request's key. Throws IdempotencyKeyMissingError. */
export function idempotencyKeyOf(request: FastifyRequest): string {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || !KEY.test(key)) throw new IdempotencyKeyMissingError();
  return key;
}

@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly idempotency: IdempotencyService) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return from(this.answer(context, next));
  }

  private async answer(context: ExecutionContext, next: CallHandler): Promise<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest & { principal?: Principal }>();
    const reply = http.getResponse<FastifyReply>();
    const key = idempotencyKeyOf(request);
    const route = `${request.method} ${request.routeOptions.url}`;
    const scope = { userId: request.principal!.userId, route, key };
    // The route is a pattern: what stands in its path makes a request another one, as its body does.
    const asked = { params: request.params, body: request.body };
    const answer = await this.idempotency.once(scope, asked, async () => {
      const body: unknown = await lastValueFrom(next.handle(), { defaultValue: null });
      return { status: reply.statusCode, body };
    });
    void reply.status(answer.status);
    return answer.body;
  }
}
