import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Language, languageOf, PAGE_HEADERS } from '#libs/pages';
import { isFormPost } from './form.js';

/** What comes of a form that was taken, in JSON and on a page. */
export interface Outcome<Done, Answer> {
  answer: (done: Done) => Answer;
  page: (language: Language, done: Done) => string;
}

/** Somebody at a page whose form is an API route as well. */
export class PageVisit {
  constructor(
    private readonly request: FastifyRequest,
    private readonly reply: FastifyReply,
  ) {}

  /** Shows a page in the visitor's language. */
  show(page: (language: Language) => string): string {
    void this.reply.headers(PAGE_HEADERS);
    return page(languageOf(this.request));
  }

  /** Shows the form that a link in a mail leads to. Looking at it changes nothing: mail scanners open links too. */
  showFor(token: unknown, page: (language: Language, token: string) => string): string {
    return this.show((language) => page(language, typeof token === 'string' ? token : ''));
  }

  /** Does the work and answers as it was asked: to the page's form with a page, to JSON with JSON. */
  async answer<Done, Answer>(
    work: () => Promise<Done>,
    { answer, page }: Outcome<Done, Answer>,
  ): Promise<Answer | string> {
    const done = await work();
    return isFormPost(this.request) ? this.show((language) => page(language, done)) : answer(done);
  }
}

/** Injects the PageVisit a request is. */
export const Visit = createParamDecorator((_: unknown, context: ExecutionContext): PageVisit => {
  const http = context.switchToHttp();
  return new PageVisit(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
});
