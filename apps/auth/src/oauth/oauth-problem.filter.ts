import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '#libs/errors';
import { AuthConfig } from '../auth.config.js';
import { returnToOf } from '../web/origins.js';
import { JourneyCookie } from './journey-cookie.service.js';

/** A person in a browser is on the way: problems lead back to the login page, which says what went wrong and still knows where to go. */
@Injectable()
@Catch(DomainError)
export class OAuthProblemFilter implements ExceptionFilter<DomainError> {
  private readonly logger = new Logger(OAuthProblemFilter.name);

  constructor(
    private readonly config: AuthConfig,
    private readonly journeys: JourneyCookie,
  ) {}

  catch(error: DomainError, host: ArgumentsHost): void {
    if (error.kind === 'unavailable') this.logger.warn({ err: error }, error.code);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const returnTo = this.end(host.switchToHttp().getRequest<FastifyRequest>(), reply);
    const query = new URLSearchParams({ problem: error.code, ...(returnTo && { returnTo }) });
    void reply.redirect(`/oauth/?${query.toString()}`, 303);
  }

  /** Ends the journey and tells where it was to lead; one that had not begun has that in its address. */
  private end(request: FastifyRequest, reply: FastifyReply): string | undefined {
    const journey = this.journeys.returning(request, (request.query as { state?: unknown }).state);
    if (!journey) return returnToOf(request, this.config);
    this.journeys.clear(reply);
    return journey.returnTo;
  }
}
