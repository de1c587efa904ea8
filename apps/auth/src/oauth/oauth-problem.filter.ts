import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DomainError } from '#libs/errors';

/** A person in a browser is on the way: problems lead back to the login page, which says what went wrong. */
@Catch(DomainError)
export class OAuthProblemFilter implements ExceptionFilter<DomainError> {
  private readonly logger = new Logger(OAuthProblemFilter.name);

  catch(error: DomainError, host: ArgumentsHost): void {
    if (error.kind === 'unavailable') this.logger.warn({ err: error }, error.code);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    void reply.redirect(`/oauth/?problem=${encodeURIComponent(error.code)}`, 303);
  }
}
