import { QueryFailedError } from 'typeorm';

const RETRYABLE_STATES = new Set(['40001', '40P01']);

/**
 * SQLSTATE classes and codes that say "not now": connection lost, out of resources, shutting down, read-only until a failover is over,
 * a timeout of ours.
 */
const UNAVAILABLE_STATE = /^(08|53|57P|58)|^(57014|55P03|25006|25P03|25P04)$/;

const SOCKET_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** node-postgres reports these without a code. */
const CLIENT_MESSAGES =
  /Connection terminated|Query read timeout|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Cannot use a pool after calling end|Client was closed/i;

interface DriverFault {
  code?: string;
  message?: string;
  constraint?: string;
}

function fault(error: unknown): DriverFault {
  if (error instanceof QueryFailedError) return error.driverError as DriverFault;
  return typeof error === 'object' && error !== null ? (error as DriverFault) : {};
}

/** True when the same transaction may succeed if run again: serialization failure or deadlock. */
export function isRetryable(error: unknown): boolean {
  return RETRYABLE_STATES.has(fault(error).code ?? '');
}

/** True when the database could not be reached, was too slow or is going down, so nothing is known against the request itself. */
export function isUnavailable(error: unknown): boolean {
  const { code = '', message = '' } = fault(error);
  return UNAVAILABLE_STATE.test(code) || SOCKET_ERRORS.has(code) || CLIENT_MESSAGES.test(message);
}

/** The name of the constraint an error reports as violated, if any. */
export function violatedConstraint(error: unknown): string | undefined {
  const { code = '', constraint } = fault(error);
  return code.startsWith('23') ? constraint : undefined;
}
