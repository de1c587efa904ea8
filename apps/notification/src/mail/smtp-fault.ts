import type { Outcome } from '../deliveries/delivery.js';

/** What nodemailer tells about a failed send. */
interface SmtpError {
  code?: string;
  command?: string;
  responseCode?: number;
  response?: string;
  message?: string;
}

/** Longest answer of a provider that is kept. */
const RESPONSE_LENGTH = 500;

/** Sorts a failed send by the server's own answer (nodemailer's `code` is the same for 451 and 550). */
export function outcomeOf(error: unknown): Outcome {
  const fault = (error ?? {}) as SmtpError;
  const response = (fault.response ?? fault.message ?? String(error)).slice(0, RESPONSE_LENGTH);
  if (isAddressRefused(fault)) return { state: 'failed', reason: 'address_refused', response };
  if (isMessageRefused(fault)) return { state: 'failed', reason: 'message_refused', response };
  return { state: 'pending', reason: 'temporary', response };
}

/** The server will never take mail for this address. */
export function isAddressRefused({ command, responseCode = 0 }: SmtpError): boolean {
  return command === 'RCPT TO' && responseCode >= 500 && responseCode < 600;
}

/** 5xx at the message itself. A refused sign-in (also 5xx) is our own mistake and must not cost anybody a mail. */
function isMessageRefused({ command, responseCode = 0 }: SmtpError): boolean {
  return command === 'DATA' && responseCode >= 500 && responseCode < 600;
}
