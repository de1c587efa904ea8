import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type DomainError, toProblem } from '#libs/errors';
import { type Language, languageOf, PAGE_HEADERS } from '#libs/pages';
import { isFormPost } from './form.js';

/** What comes of a link that was followed, in JSON and on a page. */
export interface LinkOutcome<Done, Answer, Known extends DomainError> {
  answer: (done: Done) => Answer;
  page: (language: Language, done: Done) => string;
  /** The error that has a page of its own; any other is answered as everywhere. */
  knows: abstract new (...args: never[]) => Known;
  failed: (language: Language, error: Known) => string;
}

/** Somebody at the page that a link in a mail leads to. */
export class LinkVisit {
  constructor(
    private readonly request: FastifyRequest,
    private readonly reply: FastifyReply,
  ) {}

  /** Shows the form. Looking at it changes nothing: mail scanners open links too. */
  form(token: unknown, page: (language: Language, token: string) => string): string {
    void this.reply.headers(PAGE_HEADERS);
    return page(languageOf(this.request), typeof token === 'string' ? token : '');
  }

  /** Does the work and answers as it was asked: to the page's form with a page, to JSON with JSON. */
  async answer<Done, Answer, Known extends DomainError>(
    work: () => Promise<Done>,
    { answer, page, knows, failed }: LinkOutcome<Done, Answer, Known>,
  ): Promise<Answer | string> {
    if (!isFormPost(this.request)) return answer(await work());
    const language = languageOf(this.request);
    try {
      const done = await work();
      void this.reply.headers(PAGE_HEADERS);
      return page(language, done);
    } catch (error) {
      if (!(error instanceof knows)) throw error;
      const { problem, headers } = toProblem(error);
      void this.reply.status(problem.status).headers({ ...headers, ...PAGE_HEADERS });
      return failed(language, error);
    }
  }
}

/** Injects the LinkVisit a request is. */
export const Visit = createParamDecorator((_: unknown, context: ExecutionContext): LinkVisit => {
  const http = context.switchToHttp();
  return new LinkVisit(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
});
