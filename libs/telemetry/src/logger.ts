import type { LoggerService } from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import { type DestinationStream, type Logger, pino } from 'pino';
import { requestContext } from './request-context.js';

/** Fields that must never reach a log, at any of these depths. */
const SECRET_FIELDS = [
  'password',
  'token',
  'accessToken',
  'refreshToken',
  'secret',
  'authorization',
  'cookie',
  'set-cookie',
  'x-service-key',
];

/**
 * One JSON line per entry on standard output, or elsewhere, with the service, the request id and the trace id; secrets are censored,
 * and of an error there is no more than says what happened and where.
 */
export function createLogger(service: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: withoutValues },
    redact: {
      paths: SECRET_FIELDS.flatMap((field) => [`["${field}"]`, `*["${field}"]`, `*.*["${field}"]`]),
      censor: '[censored]',
    },
    mixin: () => {
      const requestId = requestContext.requestId();
      const caller = requestContext.caller();
      const traceId = trace.getActiveSpan()?.spanContext().traceId;
      return { ...(requestId && { requestId }), ...(caller && { caller }), ...(traceId && { traceId }) };
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Errors of databases carry their statement and its values, addresses and password hashes among them. */
function withoutValues(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack, code, constraint } = pino.stdSerializers.err(error);
  return { type, message, stack, code: code as unknown, constraint: constraint as unknown };
}

/** Where an error came from, causes included, for a console: inspecting the error would show the values of a failed statement too. */
export function stackOf(error: unknown): unknown {
  return error instanceof Error ? pino.stdSerializers.err(error).stack : error;
}

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** Nest's logger calls, written through pino. `logger.log({ userId }, 'message')` and `logger.log('message')` both work. */
export class NestLogger implements LoggerService {
  constructor(private readonly pino: Logger) {}

  log = (message: unknown, ...rest: unknown[]): void => this.write('info', message, rest);
  error = (message: unknown, ...rest: unknown[]): void => this.write('error', message, rest);
  warn = (message: unknown, ...rest: unknown[]): void => this.write('warn', message, rest);
  debug = (message: unknown, ...rest: unknown[]): void => this.write('debug', message, rest);
  verbose = (message: unknown, ...rest: unknown[]): void => this.write('trace', message, rest);
  fatal = (message: unknown, ...rest: unknown[]): void => this.write('fatal', message, rest);

  /** Nest appends the context (a class name) as the last argument, and a stack before it on errors. */
  private write(level: Level, message: unknown, rest: unknown[]): void {
    const context = typeof rest.at(-1) === 'string' ? (rest.at(-1) as string) : undefined;
    const others = context === undefined ? rest : rest.slice(0, -1);
    if (message instanceof Error) return this.pino[level]({ context, err: message }, message.message);
    if (typeof message === 'object' && message !== null) {
      return this.pino[level]({ context, ...message }, typeof others[0] === 'string' ? others[0] : undefined);
    }
    const stack = others.find((item): item is string => typeof item === 'string');
    this.pino[level]({ context, ...(stack && { stack }) }, String(message));
  }
}
