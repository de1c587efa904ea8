import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ProblemResponse, toProblem } from './problem.js';

/** The only place where an error becomes an HTTP answer: problem+json, with the request id to quote to support. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    this.answer(error, host);
  }

  /** Answers with problem+json, whatever kind of error it is. */
  protected answer(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const request = http.getRequest<FastifyRequest>();
    const { problem, headers } = this.problemOf(error, request);
    if (reply.sent) return;
    void reply
      .status(problem.status)
      .headers({ ...headers, 'content-type': 'application/problem+json; charset=utf-8', 'cache-control': 'no-store' })
      .send(JSON.stringify({ ...problem, requestId: request.id }));
  }

  /** The problem an error is; one of the service's own goes into the log. */
  protected problemOf(error: unknown, request: FastifyRequest): ProblemResponse {
    const response = toProblem(error);
    const { status, code } = response.problem;
    if (status >= 500) this.logger.error({ err: error, requestId: request.id }, code);
    return response;
  }
}
