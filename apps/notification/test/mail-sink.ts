import { type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerAddress, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';

/** A mail as it arrived. */
export interface Arrived {
  to: string[];
  raw: string;
  mail: ParsedMail;
  at: number;
}

/** What a server may do instead of taking a mail. */
export type Behaviour = (
  address: string,
) => { code: number; message: string } | { accepts: string } | 'hang' | 'drop-after-data' | undefined;

/** A real SMTP server that keeps what it gets and misbehaves on demand. */
export class MailSink {
  readonly arrived: Arrived[] = [];
  behaviour: Behaviour = () => undefined;
  /** How long taking one mail lasts. */
  delayMs = 0;
  private readonly server: SMTPServer;
  private readonly waiting = new Set<() => void>();

  constructor() {
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      disableReverseLookup: true,
      logger: false,
      onRcptTo: (address, _session, callback) => this.onRecipient(address, callback),
      onData: (stream, session, callback) => void this.onData(stream, session, callback),
    });
    this.server.on('error', () => undefined);
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', () => resolve()));
    return `smtp://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  to(address: string): Arrived[] {
    return this.arrived.filter(({ to }) => to.includes(address));
  }

  /** Resolves with the mails to an address once there are as many as asked for. */
  async waitFor(address: string, count = 1, timeoutMs = 30_000): Promise<Arrived[]> {
    const deadline = Date.now() + timeoutMs;
    while (this.to(address).length < count) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${address} got ${this.to(address).length} of ${count} mails`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, left);
        const waiting = this.waiting;
        function done(): void {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        }
        waiting.add(done);
      });
    }
    return this.to(address);
  }

  private onRecipient({ address }: SMTPServerAddress, callback: (error?: Error | null) => void): void {
    const answer = this.behaviour(address);
    if (answer === 'hang') return;
    if (typeof answer !== 'object' || 'accepts' in answer) return callback();
    callback(Object.assign(new Error(answer.message), { responseCode: answer.code }));
  }

  private async onData(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    callback: (error?: Error | null, message?: string) => void,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString();
    const to = session.envelope.rcptTo.map(({ address }) => address);
    this.arrived.push({ to, raw, mail: await simpleParser(raw), at: Date.now() });
    for (const wake of this.waiting) wake();
    if (to.some((address) => this.behaviour(address) === 'drop-after-data')) {
      for (const connection of this.server.connections as Set<{ session: SMTPServerSession; close(): void }>) {
        if (connection.session.id === session.id) connection.close();
      }
      return;
    }
    if (this.delayMs > 0) await delay(this.delayMs);
    const answer = this.behaviour(to[0]!);
    callback(null, typeof answer === 'object' && 'accepts' in answer ? answer.accepts : undefined);
  }
}
