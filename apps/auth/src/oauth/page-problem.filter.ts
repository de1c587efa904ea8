import { type ArgumentsHost, Catch, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, ProblemFilter, toProblem } from '#libs/errors';
import { languageOf } from '#libs/pages';
import { AuthConfig } from '../auth.config.js';
import { isFormPost } from '../web/form.js';
import { allowedReturnTo, ForeignOriginError } from '../web/origins.js';
import { pageHeaders } from '../web/page-headers.js';
import { loginPage } from './login.page.js';
import { secondFactorPage } from './second-factor.page.js';

/** A problem with a page's form, even one found before its handler runs: the page comes back, ready to be sent again, and says what went wrong. */
@Injectable()
abstract class PageProblemFilter extends ProblemFilter {
  constructor(protected readonly config: AuthConfig) {
    super();
  }

  override catch(error: DomainError, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    if (!isFormPost(request) || error instanceof ForeignOriginError) return this.answer(error, host);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { problem, headers } = toProblem(error);
    void reply
      .status(problem.status)
      .headers({ ...headers, ...pageHeaders(reply, this.config) })
      .send(this.page(request, error.code));
  }

  protected abstract page(request: FastifyRequest, problem: string): string;
}

/** Shows the login page again, with the address and where to go from there. */
@Catch(DomainError)
export class LoginProblemFilter extends PageProblemFilter {
  protected override page(request: FastifyRequest, problem: string): string {
    const { email, returnTo } = (request.body ?? {}) as { email?: unknown; returnTo?: unknown };
    return loginPage({
      language: languageOf(request),
      google: this.config.GOOGLE_CLIENT_ID !== '',
      returnTo: allowedReturnTo(returnTo, this.config),
      email: typeof email === 'string' ? email : '',
      problem,
    });
  }
}

/** Shows the page that asks for the code again. */
@Catch(DomainError)
export class SecondFactorProblemFilter extends PageProblemFilter {
  protected override page(request: FastifyRequest, problem: string): string {
    return secondFactorPage(languageOf(request), problem);
  }
}
