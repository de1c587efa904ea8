import { randomBytes } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { encode, wrap } from 'nodemailer/lib/qp/index.js';
import type { CompiledTemplate, RenderedMessage } from '../templates/compiled-template.js';
import { wireAddress } from './mail.js';

/** What differs from mail to mail beside the words. */
export interface MailFacts {
  to: string;
  messageId: string;
  /** On marketing mail: RFC 8058, the mail program itself posts to it; no page, no sign-in. */
  unsubscribeUrl?: string | undefined;
}

/** A mail without its words and its receiver, in the order it is sent. */
interface Frame {
  subject: string;
  head: string;
  between: string;
  tail: string;
}

const LINE_BREAK = /\r\n|\r|\n/;

/**
 * The mail of one template, of which as much as possible is made only once: nodemailer builds the frame (all headers and the parts) for a
 * subject, and lines without a variable are encoded in advance. Only a reader's own headers and lines are made for each mail.
 */
export class MailForm {
  private readonly encoded = new Map<string, string>();
  private frame: Frame | undefined;

  constructor(
    template: CompiledTemplate,
    private readonly from: string,
  ) {
    // Without facts only the words are left that all readers get: nothing of a person is kept here.
    const { text, html } = template.render({}, { unsubscribeUrl: '' });
    for (const line of `${text}\n${html}`.split(LINE_BREAK)) this.encoded.set(line, encodeLine(line));
  }

  /** The mail as it goes out. */
  async fill({ subject, text, html }: RenderedMessage, facts: MailFacts): Promise<Buffer> {
    const frame = this.frame?.subject === subject ? this.frame : await frameOf(this.from, subject);
    this.frame = frame;
    const { head, between, tail } = frame;
    return Buffer.from(`${ownHeaders(facts)}${head}${this.encode(text)}${between}${this.encode(html)}${tail}`);
  }

  private encode(words: string): string {
    return words
      .split(LINE_BREAK)
      .map((line) => this.encoded.get(line) ?? encodeLine(line))
      .join('\r\n');
  }
}

/** One line as quoted-printable (RFC 2045, 6.7); a line's encoding depends on nothing but the line. */
function encodeLine(line: string): string {
  return wrap(encode(line), 76);
}

/** None of the values can hold a line break: a plain address, a hash and a link of ours. */
function ownHeaders({ to, messageId, unsubscribeUrl }: MailFacts): string {
  const date = new Date().toUTCString().replace('GMT', '+0000');
  const headers = [`Date: ${date}`, `To: ${wireAddress(to)}`, `Message-ID: ${messageId}`];
  if (unsubscribeUrl !== undefined) {
    headers.push(`List-Unsubscribe: <${unsubscribeUrl}>`, 'List-Unsubscribe-Post: List-Unsubscribe=One-Click');
  }
  return `${headers.join('\r\n')}\r\n`;
}

async function frameOf(from: string, subject: string): Promise<Frame> {
  const mark = randomBytes(12).toString('hex');
  const [text, html] = [`text${mark}`, `html${mark}`];
  const composer = new MailComposer({
    from,
    subject,
    // One letter beyond ASCII: words of plain ASCII would be announced as sent without encoding.
    text: `${text}é`,
    html: `${html}é`,
    textEncoding: 'quoted-printable',
    newline: '\r\n',
    // Many readers' mails share a boundary; quoted-printable never holds these two letters, so no value can play the end of a part.
    boundaryPrefix: '=_',
  });
  const built = (await composer.compile().build()).toString();
  // Each mail has these two of its own.
  const [headers, parts] = [built.slice(0, built.indexOf('\r\n\r\n')), built.slice(built.indexOf('\r\n\r\n'))];
  const shared = headers.split(/\r\n(?![ \t])/).filter((header) => !/^(date|message-id):/i.test(header));
  const [before, between, tail] = parts.split(new RegExp(`(?:${text}|${html})=C3=A9`));
  return { subject, head: shared.join('\r\n') + before!, between: between!, tail: tail! };
}
