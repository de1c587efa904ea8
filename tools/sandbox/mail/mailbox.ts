import { randomUUID } from 'node:crypto';
import { type ParsedMail, simpleParser } from 'mailparser';
import type { Journal, Table } from '../core/journal.ts';

export interface Mail {
  id: string;
  receivedAt: string;
  envelope: { from: string; to: string[] };
  messageId: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string | null;
  headers: { name: string; value: string }[];
  attachments: { filename: string; contentType: string; size: number }[];
  links: string[];
  /** The bytes as they came, one character per byte. */
  raw: string;
}

export type MailSummary = Pick<Mail, 'id' | 'receivedAt' | 'messageId' | 'from' | 'to' | 'subject'>;

interface Count {
  messageId: string;
  recipient: string;
  accepted: number;
}

/** Every accepted message, newest kept, and how often each message reached each recipient. */
export class Mailbox {
  readonly #mails: Table<Mail>;
  readonly #counts: Table<Count>;
  readonly #keep: number;

  constructor(journal: Journal, keep: number) {
    this.#mails = journal.table('mail.mails');
    this.#counts = journal.table('mail.counts');
    this.#keep = keep;
  }

  /** Parses and keeps one message; resolves when it is written down. */
  async accept(raw: Buffer, envelope: Mail['envelope'], now: number): Promise<Mail> {
    const parsed = await simpleParser(raw, { skipTextToHtml: true });
    const mail = toMail(raw, envelope, parsed, now);
    this.#mails.put(mail.id, mail);
    for (const recipient of envelope.to) this.#count(mail.messageId, recipient.toLowerCase());
    const surplus = this.#mails.size - this.#keep;
    for (const id of surplus > 0 ? this.#mails.keys().slice(0, surplus) : []) this.#mails.delete(id);
    return mail;
  }

  /** Newest first. `to` matches a whole address of the envelope, `subject` a part of the subject. */
  list(filter: { to?: string | undefined; subject?: string | undefined; limit?: number | undefined }): Mail[] {
    const to = filter.to?.toLowerCase();
    const subject = filter.subject?.toLowerCase();
    return this.#mails
      .newestFirst()
      .filter(
        (mail) =>
          (to === undefined || mail.envelope.to.some((address) => address.toLowerCase() === to)) &&
          (subject === undefined || mail.subject.toLowerCase().includes(subject)),
      )
      .slice(0, filter.limit ?? 50);
  }

  get(id: string): Mail | undefined {
    return this.#mails.get(id);
  }

  get size(): number {
    return this.#mails.size;
  }

  /** One row per (Message-ID, recipient): more than one acceptance is a duplicate somebody received. */
  counts(): Count[] {
    return this.#counts.values();
  }

  clear(): void {
    for (const id of this.#mails.keys()) this.#mails.delete(id);
    for (const key of this.#counts.keys()) this.#counts.delete(key);
  }

  #count(messageId: string, recipient: string): void {
    const key = `${messageId} ${recipient}`;
    const accepted = (this.#counts.get(key)?.accepted ?? 0) + 1;
    this.#counts.put(key, { messageId, recipient, accepted });
  }
}

function toMail(raw: Buffer, envelope: Mail['envelope'], parsed: ParsedMail, now: number): Mail {
  const text = parsed.text ?? '';
  const html = typeof parsed.html === 'string' ? parsed.html : null;
  const to = [parsed.to ?? []].flat().flatMap(({ value }) => value.map(({ address }) => address ?? ''));
  return {
    id: randomUUID(),
    receivedAt: new Date(now).toISOString(),
    envelope,
    messageId: parsed.messageId ?? '',
    from: parsed.from?.text ?? envelope.from,
    to: to.length > 0 ? to : envelope.to,
    subject: parsed.subject ?? '',
    text,
    html,
    headers: parsed.headerLines.map(({ key, line }) => ({
      name: line.slice(0, line.indexOf(':')) || key,
      value: line.slice(line.indexOf(':') + 1).trim(),
    })),
    attachments: parsed.attachments.map(({ filename, contentType, size }) => ({
      filename: filename ?? '',
      contentType,
      size,
    })),
    links: linksOf(text, html),
    raw: raw.toString('latin1'),
  };
}

/** Web addresses in the order of appearance, the text's first. */
function linksOf(text: string, html: string | null): string[] {
  const found = [...text.matchAll(/https?:\/\/[^\s<>"')\]]+/g)].map(([link]) => link);
  const inHtml = [...(html ?? '').matchAll(/href="(https?:\/\/[^"]+)"/g)].map(([, link = '']) =>
    link.replaceAll('&amp;', '&'),
  );
  return [...new Set([...found, ...inHtml])];
}
