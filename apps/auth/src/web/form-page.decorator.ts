import type { CustomDecorator } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { type Language, PAGE_HEADERS } from '#libs/pages';
import type { AuthConfig } from '../auth.config.js';

/** A form that could not be taken. */
export interface RefusedForm {
  language: Language;
  /** What the page is to tell: why a password is weak, else the error's code. */
  problem: string;
  /** The same form may be taken later: the limit was reached, or something is down. */
  passing: boolean;
  /** What a field held; empty when that was no text. */
  field: (name: string) => string;
  /** Where to go after signing in, by the form's address. */
  returnTo: string | undefined;
  config: AuthConfig;
}

/** The page a refused form brings back. */
interface FormPageOptions {
  page: (form: RefusedForm) => string;
  headers: (reply: FastifyReply, config: AuthConfig) => Record<string, string>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    formPage?: FormPageOptions;
  }
}

/** For the handler of a page's form: every error is answered with the page that `page` makes of it, see PageProblemFilter. */
export function FormPage(
  page: FormPageOptions['page'],
  headers: FormPageOptions['headers'] = () => PAGE_HEADERS,
): CustomDecorator {
  return RouteConfig({ formPage: { page, headers } });
}
