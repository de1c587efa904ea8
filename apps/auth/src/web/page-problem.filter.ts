import { type ArgumentsHost, Catch } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Problem, ProblemFilter } from '#libs/errors';
import { languageOf } from '#libs/pages';
import type { AuthConfig } from '../auth.config.js';
import { isFormPost } from './form.js';
import type { RefusedForm } from './form-page.decorator.js';
import { ForeignOriginError, returnToOf } from './origins.js';
import { unreadFormPage } from './unread-form.page.js';

/** A form that is too long, or of a kind no page sends: nothing of it was read. */
const UNREAD = [413, 415];

/**
 * Answers an error of a page's form with the page its handler names by `@FormPage`, also when the handler did not run. API calls, and
 * forms of other sites, get problem+json as everywhere.
 */
@Catch()
export class PageProblemFilter extends ProblemFilter {
  constructor(private readonly config: AuthConfig) {
    super();
  }

  override catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const { formPage } = request.routeOptions.config;
    if (!formPage || !isFormPost(request) || error instanceof ForeignOriginError) return this.answer(error, host);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { problem, headers } = this.problemOf(error, request);
    const page = UNREAD.includes(problem.status)
      ? unreadFormPage(languageOf(request), problem.code)
      : formPage.page(this.refused(problem, request));
    void reply
      .status(problem.status)
      .headers({ ...headers, ...formPage.headers(reply, this.config) })
      .send(page);
  }

  private refused({ status, code, reason }: Problem, request: FastifyRequest): RefusedForm {
    const fields = (request.body ?? {}) as Record<string, unknown>;
    return {
      language: languageOf(request),
      problem: typeof reason === 'string' ? reason : code,
      passing: status === 429 || status >= 500,
      field: (name) => (typeof fields[name] === 'string' ? fields[name] : ''),
      returnTo: returnToOf(request, this.config),
      config: this.config,
    };
  }
}
