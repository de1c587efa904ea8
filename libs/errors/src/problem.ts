import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { DomainError, type ErrorKind } from './domain-error.js';

/** An RFC 9457 problem document; `code` is stable for machines, `detail` is a sentence for people. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  [extension: string]: unknown;
}

/** A problem with the headers that belong to it. */
export interface ProblemResponse {
  problem: Problem;
  headers: Record<string, string>;
}

/** Exhaustive on purpose: a new kind does not compile until it has a status. */
const STATUS_OF_KIND: Record<ErrorKind, number> = {
  invalid: 422,
  unauthenticated: 401,
  payment_required: 402,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_many: 429,
  unavailable: 503,
};

const CODE_OF_STATUS: Record<number, string> = {
  400: 'request.malformed',
  401: 'auth.unauthenticated',
  403: 'auth.forbidden',
  404: 'route.not_found',
  405: 'request.method_not_allowed',
  406: 'request.not_acceptable',
  408: 'request.timeout',
  413: 'request.too_large',
  414: 'request.uri_too_long',
  415: 'request.unsupported_media_type',
  422: 'request.invalid',
  429: 'request.too_many',
  431: 'request.headers_too_large',
  503: 'service.unavailable',
};

/** Turns anything thrown into a problem document; what nobody foresaw becomes a bare 500 that tells nothing. */
export function toProblem(error: unknown): ProblemResponse {
  if (error instanceof DomainError) return fromDomainError(error);
  const status = httpStatusOf(error);
  if (status === 503) return withRetryAfter(build(503, 'service.unavailable', 'The service is not available.'), 2);
  if (status === undefined || status >= 500) {
    return { problem: build(500, 'service.unexpected', 'Something unexpected happened.'), headers: {} };
  }
  const message = error instanceof HttpException ? error.message : (STATUS_CODES[status] ?? 'Request refused');
  const problem = { problem: build(status, CODE_OF_STATUS[status] ?? 'request.refused', message), headers: {} };
  return status === 401 ? { ...problem, headers: { 'www-authenticate': 'Bearer' } } : problem;
}

function fromDomainError(error: DomainError): ProblemResponse {
  const status = STATUS_OF_KIND[error.kind];
  const problem: Problem = { ...error.meta, ...build(status, error.code, error.message) };
  const headers: Record<string, string> = status === 401 ? { 'www-authenticate': 'Bearer' } : limitHeaders(error);
  const retryAfter = error.retryAfterSeconds ?? (status === 503 ? 2 : undefined);
  return retryAfter === undefined ? { problem, headers } : withRetryAfter(problem, retryAfter, headers);
}

/** The names @nestjs/throttler gives them for a limit by name. */
function limitHeaders({ limit, retryAfterSeconds }: DomainError): Record<string, string> {
  if (!limit) return {};
  return {
    [`ratelimit-limit-${limit.by}`]: String(limit.most),
    [`ratelimit-remaining-${limit.by}`]: '0',
    [`ratelimit-reset-${limit.by}`]: String(retryAfterSeconds ?? 1),
  };
}

function withRetryAfter(problem: Problem, seconds: number, headers: Record<string, string> = {}): ProblemResponse {
  return { problem, headers: { ...headers, 'retry-after': String(Math.max(1, Math.ceil(seconds))) } };
}

function build(status: number, code: string, detail: string): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, code };
}

/** Nest's HttpException and Fastify's own errors (body parser, router) both tell their status. */
function httpStatusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 && status <= 599 ? status : undefined;
}
