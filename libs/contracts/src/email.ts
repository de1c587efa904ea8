import { domainToASCII } from 'node:url';

/**
 * The one form of an address, in which events say it and under which it is stored, compared and counted: Unicode NFKC, no surrounding space, lower case,
 * the domain in ASCII (punycode). Dots and plus tags are kept: only the mailbox's owner knows what they mean.
 */
export function normalizeEmail(email: string): string {
  const folded = email.normalize('NFKC').trim().toLowerCase();
  const at = folded.lastIndexOf('@');
  if (at < 0) return folded;
  return `${folded.slice(0, at)}@${domainToASCII(folded.slice(at + 1))}`;
}
