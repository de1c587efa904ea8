import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  body: string;
  signature: string;
  type: string;
  eventId: string;
}

/** An answer that never comes. */
export const SILENCE = 0;

/** A webhook endpoint that answers as it was told and remembers what came. */
export class Receiver {
  readonly received: Received[] = [];
  readonly #server: Server;
  readonly #answers: number[];
  #arrived: (() => void)[] = [];

  private constructor(server: Server, answers: number[]) {
    this.#server = server;
    this.#answers = answers;
  }

  /** `answers` are given in turn, then 200 for ever. */
  static async start(...answers: number[]): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server, answers);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const answer = receiver.#answers.shift() ?? 200;
        const moved = answer >= 300 && answer < 400 ? { location: '/elsewhere' } : {};
        if (answer !== SILENCE) response.writeHead(answer, moved).end();
        receiver.#note(Buffer.concat(chunks).toString(), String(request.headers['stripe-signature']));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/webhooks/stripe`;
  }

  /** Resolves with everything of `type` once at least `count` have come. */
  async wait(type: string, count = 1): Promise<Received[]> {
    for (;;) {
      const found = this.received.filter((delivery) => delivery.type === type);
      if (found.length >= count) return found;
      await new Promise<void>((resolve) => this.#arrived.push(resolve));
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #note(body: string, signature: string): void {
    const type = /^ {2}"type": "(.+?)"/m.exec(body)?.[1] ?? '';
    const eventId = /^ {2}"id": "(.+?)"/m.exec(body)?.[1] ?? '';
    this.received.push({ body, signature, type, eventId });
    const waiting = this.#arrived;
    this.#arrived = [];
    for (const resolve of waiting) resolve();
  }
}
