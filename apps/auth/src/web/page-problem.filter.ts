import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Problem, ProblemFilter } from '#libs/errors';
import { type Language, languageOf, PAGE_HEADERS } from '#libs/pages';
import { AuthConfig } from '../auth.config.js';
import { isFormPost } from './form.js';
import { ForeignOriginError } from './origins.js';

/** A form that could not be taken. */
export interface RefusedForm {
  language: Language;
  /** What the page is to tell: why a password is weak, else the error's code. */
  problem: string;
  /** The same form may be taken later: the limit was reached, or something is down. */
  passing: boolean;
  /** What a field held; empty when that was no text. */
  field: (name: string) => string;
  config: AuthConfig;
}

/**
 * For the handler of a page's form: an error, even one before the handler runs, is answered with the page that `page` makes of it. API calls,
 * and forms of other sites, get problem+json as everywhere.
 */
export function pageProblems(
  page: (form: RefusedForm) => string,
  headers: (reply: FastifyReply, config: AuthConfig) => Record<string, string> = () => PAGE_HEADERS,
): Type<ExceptionFilter> {
  @Injectable()
  @Catch()
  class PageProblemFilter extends ProblemFilter {
    constructor(private readonly config: AuthConfig) {
      super();
    }

    override catch(error: unknown, host: ArgumentsHost): void {
      const request = host.switchToHttp().getRequest<FastifyRequest>();
      if (!isFormPost(request) || error instanceof ForeignOriginError) return this.answer(error, host);
      const reply = host.switchToHttp().getResponse<FastifyReply>();
      const { problem, headers: told } = this.problemOf(error, request);
      void reply
        .status(problem.status)
        .headers({ ...told, ...headers(reply, this.config) })
        .send(page(this.refused(problem, request)));
    }

    private refused({ status, code, reason }: Problem, request: FastifyRequest): RefusedForm {
      const fields = (request.body ?? {}) as Record<string, unknown>;
      return {
        language: languageOf(request),
        problem: typeof reason === 'string' ? reason : code,
        passing: status === 429 || status >= 500,
        field: (name) => (typeof fields[name] === 'string' ? fields[name] : ''),
        config: this.config,
      };
    }
  }
  return PageProblemFilter;
}
