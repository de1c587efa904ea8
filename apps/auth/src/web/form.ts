import type { FastifyRequest } from 'fastify';
import { html } from '#libs/pages';

/** Address of the script that takes the token of a link out of the address bar and the history. */
export const CLEAN_ADDRESS_SCRIPT = '/auth/assets/clean-address.js';

/** Whether a page's form was sent, so that the answer should be a page: by its type, or by a browser in a type that forms may have too. */
export function isFormPost({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const { 'content-type': type = '', accept = '' } = headers;
  if (type.startsWith('application/x-www-form-urlencoded')) return true;
  return /^(multipart\/form-data|text\/plain)\b/.test(type) && accept.includes('text/html');
}

/** The field for the address one signs in with. */
export function emailField(label: string, value: string): string {
  return html`<label
    >${label}<input name="email" type="email" autocomplete="username" required maxlength="254" value="${value}"
  /></label>`;
}
