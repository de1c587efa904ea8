import type { Outcome } from '../deliveries/delivery.js';

/** What nodemailer tells about a failed send. */
interface SmtpError {
  code?: string;
  command?: string;
  responseCode?: number;
  response?: string;
  message?: string;
}

/** The lane's breaker is open: nothing was tried. */
export class LaneRestsError extends Error {
  constructor(readonly until: Date) {
    super('The mail server mostly fails; mails wait.');
  }
}

/** Longest answer of a provider that is kept. */
const RESPONSE_LENGTH = 500;

/** Sorts a failed send by the server's own answer (nodemailer's `code` is the same for 451 and 550). */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof LaneRestsError) return { state: 'pending', reason: 'provider_down', until: error.until };
  const fault = (error ?? {}) as SmtpError;
  const response = keptAnswer(fault.response ?? fault.message ?? String(error));
  if (isAddressRefused(fault)) return { state: 'failed', reason: 'address_refused', response };
  if (isMessageRefused(fault)) return { state: 'failed', reason: 'message_refused', response };
  return { state: 'pending', reason: 'temporary', response };
}

/** What is kept of a server's words: filters quote the links of what they refuse, and a link's query may be a secret. */
export function keptAnswer(text: string): string {
  return text.replace(/([a-z]+:\/\/[^\s?#]*)[?#]\S*/gi, '$1?…').slice(0, RESPONSE_LENGTH);
}

/** The server will never take mail for this address. */
function isAddressRefused({ command, responseCode = 0 }: SmtpError): boolean {
  return command === 'RCPT TO' && responseCode >= 500 && responseCode < 600;
}

/** 5xx at the message itself. A refused sign-in (also 5xx) is our own mistake and must not cost anybody a mail. */
function isMessageRefused({ command, responseCode = 0 }: SmtpError): boolean {
  return command === 'DATA' && responseCode >= 500 && responseCode < 600;
}

/** The server itself is in trouble, whoever the mail is for; an answer about one address or one message is none. */
export function isServerFault(error: unknown): boolean {
  const fault = (error ?? {}) as SmtpError;
  return fault.command !== 'RCPT TO' && !isMessageRefused(fault);
}
