import { dictionary } from '@zxcvbn-ts/language-common';
import { DomainError } from '#libs/errors';

/** Characters (code points), as NIST SP 800-63B counts them. */
export const PASSWORD_LENGTH = { min: 10, max: 128 } as const;

/** A straight run of these is as easily guessed as the word "password". */
const MIN_DIFFERENT_CHARACTERS = 4;

/** In lower case, of any length. */
const common = new Set(dictionary['passwords-common']);

/** The password may not be used; `meta.reason` says why. */
export class WeakPasswordError extends DomainError {
  constructor(
    reason:
      | 'too_short'
      | 'too_long'
      | 'forbidden_character'
      | 'too_common'
      | 'too_simple'
      | 'names_the_account'
      | 'names_the_site'
      | 'breached',
    message: string,
  ) {
    super('password.weak', 'invalid', message, { meta: { reason } });
  }
}

/** The form in which a password is hashed and compared (RFC 8265 calls for a fixed form; NIST SP 800-63B names NFKC). */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC');
}

/** The rules that need nobody else; `site` is the host name people know us by. Throws WeakPasswordError. No composition rules. */
export function assertGoodPassword(password: string, email: string, site: string): void {
  const normal = normalizePassword(password);
  const characters = [...normal];
  const { min, max } = PASSWORD_LENGTH;
  if (characters.length < min)
    throw new WeakPasswordError('too_short', `The password needs at least ${min} characters.`);
  if (characters.length > max)
    throw new WeakPasswordError('too_long', `The password may have at most ${max} characters.`);
  if (normal.includes('\u0000'))
    throw new WeakPasswordError('forbidden_character', 'The password may not hold a NUL character.');
  const lower = normal.toLowerCase();
  if (new Set(characters).size < MIN_DIFFERENT_CHARACTERS) {
    throw new WeakPasswordError('too_simple', 'The password repeats the same few characters.');
  }
  if (isCommon(lower)) throw new WeakPasswordError('too_common', 'Too many people use this password.');
  if (namesTheAccount(lower, email))
    throw new WeakPasswordError('names_the_account', 'The password is your own address.');
  if (namesTheSite(lower, site))
    throw new WeakPasswordError('names_the_site', 'The password is the name of this site.');
}

/** A frequent password, or one with digits and signs around it that make up no more than half. */
function isCommon(password: string): boolean {
  const word = bare(password);
  return common.has(password) || (word.length * 2 >= password.length && common.has(word));
}

/** The address, or its part before the @, with whatever digits and signs around it. */
function namesTheAccount(password: string, email: string): boolean {
  const name = email.slice(0, email.lastIndexOf('@'));
  return [email, name].includes(password) || (bare(name) !== '' && bare(password) === bare(name));
}

/** One part of the host name or several in a row, with whatever digits and signs around and between them. */
function namesTheSite(password: string, site: string): boolean {
  const name = lettersOf(password);
  const parts = site.split('.').map(lettersOf);
  return name !== '' && parts.some((_, from) => parts.some((_, to) => parts.slice(from, to + 1).join('') === name));
}

/** Without the digits and signs at both ends. */
function bare(text: string): string {
  return text.replace(/^\P{L}+|\P{L}+$/gu, '');
}

function lettersOf(text: string): string {
  return text.replace(/\P{L}+/gu, '');
}
