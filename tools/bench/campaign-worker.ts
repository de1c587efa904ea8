// The yardstick of `campaign.ts`: nodemailer's own pooled sending, as fast as it goes, in a process of its own. It is told its texts
// once and then, slice by slice, how many mails to send.
import { createTransport } from 'nodemailer';

/** What the campaign's readers of one language get, with `{{ email }}` for their address. */
export interface YardstickText {
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
}

const CONNECTIONS = 8;
const IN_HAND = 32;

const [port = '25', given = '[]'] = process.argv.slice(2);
const texts = JSON.parse(given) as YardstickText[];
const transport = createTransport({
  host: '127.0.0.1',
  port: Number(port),
  pool: true,
  maxConnections: CONNECTIONS,
  maxMessages: 1_000,
});

async function place(numbers: Iterable<number>): Promise<void> {
  for (const number of numbers) {
    const address = `user${number}@example.com`;
    const { subject, text, html, headers } = texts[number % texts.length]!;
    await transport.sendMail({
      from: 'Cinema <no-reply@cinema.example>',
      to: { name: '', address },
      subject,
      text: text.replaceAll('{{ email }}', address),
      html: html.replaceAll('{{ email }}', address),
      headers,
      // Nodemailer's choice for Cyrillic would be shorter: both sides hand over the same bytes.
      textEncoding: 'quoted-printable',
    });
  }
}

async function send(count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => index).values();
  await Promise.all(Array.from({ length: IN_HAND }, () => place(numbers)));
}

process.on('message', (count: number) => {
  send(count).then(
    () => process.send!('sent'),
    (error: unknown) => {
      throw error;
    },
  );
});
process.once('disconnect', () => transport.close());
process.send!('ready');
