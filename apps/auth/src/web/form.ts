import type { FastifyRequest } from 'fastify';
import { html } from '#libs/pages';

/** Address of the script that takes the token of a link out of the address bar and the history. */
export const CLEAN_ADDRESS_SCRIPT = '/auth/assets/clean-address.js';

/** Whether a page's form was sent, so that the answer should be a page. */
export function isFormPost(request: Pick<FastifyRequest, 'headers'>): boolean {
  return request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
}

/** The field for the address one signs in with. */
export function emailField(label: string, value: string): string {
  return html`<label
    >${label}<input name="email" type="email" autocomplete="username" required maxlength="254" value="${value}"
  /></label>`;
}
