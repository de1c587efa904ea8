import { hash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { HttpException, Injectable, Logger } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { IdempotencyKeyReusedError, IdempotencyKeyRunningError } from './idempotency.errors.js';
import { IdempotencyRepository, type KeyScope } from './idempotency.repository.js';

/** An answer to keep. */
export interface Answer {
  status: number;
  body: unknown;
}

const WAIT_MS = 8_000;

@Injectable()
export class IdempotencyService {
  private readonly logger = new Logger(IdempotencyService.name);

  constructor(private readonly repository: IdempotencyRepository) {}

  /**
   * Runs `work` once per key and gives every later caller with the same request the first answer. Callers who come while it runs wait
   * for it. A refused request frees its key; one that failed otherwise keeps it, and the same request may run again at once. Throws
   * IdempotencyKeyReusedError, or IdempotencyKeyRunningError when the wait gets too long.
   */
  async once(scope: KeyScope, request: unknown, work: () => Promise<Answer>): Promise<Answer> {
    const requestHash = hash('sha256', JSON.stringify(request ?? null), 'buffer');
    const owner = randomUUID();
    const deadline = Date.now() + WAIT_MS;
    for (let waitMs = 20; ; waitMs = Math.min(waitMs * 2, 250)) {
      if (await this.repository.claim(scope, requestHash, owner)) return this.run(scope, owner, work);
      const stored = await this.repository.find(scope);
      if (stored && !stored.requestHash.equals(requestHash)) throw new IdempotencyKeyReusedError();
      if (stored?.response) {
        return { status: stored.response.status, body: JSON.parse(stored.response.body) as unknown };
      }
      if (Date.now() > deadline) throw new IdempotencyKeyRunningError();
      await pause(waitMs);
    }
  }

  private async run(scope: KeyScope, owner: string, work: () => Promise<Answer>): Promise<Answer> {
    let answer: Answer;
    try {
      answer = await work();
    } catch (error) {
      const letGo = isRefusal(error) ? this.repository.release(scope, owner) : this.repository.reopen(scope, owner);
      await letGo.catch((fault: unknown) => this.logger.warn(fault));
      throw error;
    }
    await this.repository.answer(scope, owner, answer.status, JSON.stringify(answer.body));
    return answer;
  }
}

/** Whether nothing was changed: what failed otherwise may have been committed in part. */
function isRefusal(error: unknown): boolean {
  if (error instanceof DomainError) return error.kind !== 'unavailable';
  return error instanceof HttpException && error.getStatus() < 500;
}
