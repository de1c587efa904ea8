import { domainToASCII } from 'node:url';

/** One plain address: no quoting, comments, groups or lists, which servers read differently. */
const ADDRESS = /^[^\s<>()[\]\\,;:"@]{1,64}@[^\s<>()[\]\\,;:"@]{1,255}$/;

/** True for an address that means one mailbox to every mail server. */
export function isPlainAddress(address: string): boolean {
  if (address.length > 254 || !ADDRESS.test(address) || /\p{Cc}/u.test(address)) return false;
  // What is no domain in ASCII either would stand in the header as it is, for every server to read in its own way.
  return domainToASCII(address.slice(address.indexOf('@') + 1)) !== '';
}

/** The address of a sender such as `Cinema <no-reply@cinema.example>`. */
export function addressOf(sender: string): string {
  return /([^\s<>@]+@[^\s<>@]+)>?\s*$/.exec(sender)?.[1] ?? sender;
}

/** The domain of such a sender. */
export function domainOf(sender: string): string {
  return /@([^\s<>@]+)>?\s*$/.exec(sender)?.[1] ?? 'localhost';
}

/** A plain address as it travels: its domain in ASCII. */
export function wireAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  return `${address.slice(0, at)}@${domainToASCII(domain) || domain}`;
}
