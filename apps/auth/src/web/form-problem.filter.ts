import { type ArgumentsHost, Catch } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, ProblemFilter } from '#libs/errors';
import { languageOf } from '#libs/pages';
import { isFormPost } from './form.js';

/** A problem with a page's form leads back to the page, which is at the form's own path and says what went wrong. */
@Catch(DomainError)
export class FormProblemFilter extends ProblemFilter {
  override catch(error: DomainError, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    if (!isFormPost(request)) return this.answer(error, host);
    const path = new URL(request.url, 'http://form').pathname;
    const query = new URLSearchParams({ problem: problemOf(error), lang: languageOf(request) });
    void http.getResponse<FastifyReply>().redirect(`${path}?${query.toString()}`, 303);
  }
}

/** What a page tells of an error: why a password is weak, else the error's code. */
export function problemOf(error: DomainError): string {
  const reason = error.meta?.['reason'];
  return typeof reason === 'string' ? reason : error.code;
}
