import { callJson, type Endpoints } from './client.ts';

/** An amount as the API writes it: a decimal string with its currency. */
export interface Money {
  amount: string;
  currency: string;
}

/** A page of a list. */
export interface List<T> {
  items: T[];
  nextCursor?: string | null;
}

export interface Tokens {
  accessToken: string;
  refreshToken: string;
}

export interface Account {
  id: string;
  currency: string;
  balance: Money;
}

export interface Quote {
  id: string;
  amountIn: Money;
  amountOut: Money;
}

export interface Payment {
  id: string;
  status: string;
  checkoutUrl: string;
}

export interface Transaction {
  id: string;
  kind: string;
  accountId: string;
  amount: Money;
}

export interface Plan {
  id: string;
  name: string;
  termMonths: number;
}

export interface Entitlements {
  items: { product: string; activeUntil: string | null }[];
}

export interface Notification {
  id: string;
  title: string;
  body: string;
}

export interface Campaign {
  id: string;
  status: string;
  progress: { total: number; sent: number };
}

/** A mail the catcher holds. */
export interface Mail {
  id: string;
  subject: string;
  text: string;
}

/** The newest mail to this address whose text or subject matches; undefined when there is none yet. */
export async function mailTo({ mailbox }: Endpoints, address: string, pattern: RegExp): Promise<Mail | undefined> {
  const { items } = await callJson<List<{ id: string }>>(`${mailbox}/api/mails?to=${encodeURIComponent(address)}`);
  for (const { id } of items) {
    const mail = await callJson<Mail>(`${mailbox}/api/mails/${id}`);
    if (pattern.test(mail.text) || pattern.test(mail.subject)) return mail;
  }
  return undefined;
}
