import type { Delivery } from '../deliveries/delivery.schema.js';
import { messageIdOf } from '../deliveries/delivery.js';
import type { RenderedMessage } from '../templates/compiled-template.js';
import type { OutgoingMail } from './mail-transport.js';

/** One plain address: no quoting, comments, groups or lists, which servers read differently. */
const ADDRESS = /^[^\s<>()[\]\\,;:"@]{1,64}@[^\s<>()[\]\\,;:"@]{1,255}$/;

/** True for an address that means one mailbox to every mail server. */
export function isPlainAddress(address: string): boolean {
  return address.length <= 254 && ADDRESS.test(address) && !/\p{Cc}/u.test(address);
}

/** The domain of a sender such as `Cinema <no-reply@cinema.example>`. */
export function domainOf(sender: string): string {
  return /@([^\s<>@]+)>?\s*$/.exec(sender)?.[1] ?? 'localhost';
}

/** Puts a rendered message and its delivery together. */
export function composeMail(
  delivery: Delivery,
  to: string,
  message: RenderedMessage,
  { domain, unsubscribeUrl }: { domain: string; unsubscribeUrl?: string | undefined },
): OutgoingMail {
  const { subject, text, html } = message;
  const mail = { to, messageId: messageIdOf(delivery, domain), subject, text, html };
  // RFC 8058: the mail program itself posts to the link; no page, no sign-in.
  return unsubscribeUrl === undefined
    ? mail
    : {
        ...mail,
        headers: { 'List-Unsubscribe': `<${unsubscribeUrl}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
      };
}
