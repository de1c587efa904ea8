// The yardstick of `campaign.ts`: nodemailer's own pooled sending, as fast as it goes, in a process of its own.
import { createTransport } from 'nodemailer';

const [port = '25', count = '1000', html = ''] = process.argv.slice(2);
const CONNECTIONS = 8;
const IN_HAND = 32;

const transport = createTransport({
  host: '127.0.0.1',
  port: Number(port),
  pool: true,
  maxConnections: CONNECTIONS,
  maxMessages: 1_000,
});
const numbers = Array.from({ length: Number(count) }, (_, index) => index).values();

async function place(): Promise<void> {
  for (const number of numbers) {
    const address = `user${number}@example.com`;
    await transport.sendMail({
      from: 'Cinema <no-reply@cinema.example>',
      to: { name: '', address },
      subject: 'A new film is out',
      text: `A new film\n\nWatch it today, ${address}.`,
      html: html.replaceAll('{{ email }}', address),
    });
  }
}

await Promise.all(Array.from({ length: IN_HAND }, place));
transport.close();
