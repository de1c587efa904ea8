import { lookup } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Outcome } from '../deliveries/delivery.js';

/** How calls are made; milliseconds. */
export interface WebhookTransportOptions {
  /** Also http, and addresses that are not on the open internet. */
  allowPrivate: boolean;
  timeoutMs?: number;
  resolve?: typeof lookup;
}

/** The address is one that nobody outside may make us call. */
export class ForbiddenAddressError extends Error {}

const TIMEOUT_MS = 10_000;
/** Of an answer this much is kept, and not much more is read. */
const ANSWER_CHARACTERS = 200;
/** The receiver will never take this message. */
const FINAL = [400, 410, 413, 422];

/** Posts to addresses on the open internet; follows no redirect. */
export class WebhookTransport {
  private readonly timeoutMs: number;
  private readonly resolve: typeof lookup;

  constructor(private readonly options: WebhookTransportOptions) {
    this.timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.resolve = options.resolve ?? lookup;
  }

  /** What came of it, whatever the receiver does. */
  async post(url: string, body: string, headers: Record<string, string>): Promise<Outcome> {
    try {
      const { status, answer } = await this.call(new URL(url), body, headers);
      return outcomeOf(status, `${status} ${answer}`.trim());
    } catch (error) {
      const response = (error as Error).message;
      if (error instanceof ForbiddenAddressError) return { state: 'failed', reason: 'address_refused', response };
      return { state: 'pending', reason: 'temporary', response };
    }
  }

  private call(url: URL, body: string, headers: Record<string, string>): Promise<{ status: number; answer: string }> {
    this.refuse(url);
    return new Promise((resolve, reject) => {
      const client = url.protocol === 'https:' ? https : http;
      const request = client.request(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        lookup: this.guardedLookup,
        signal: AbortSignal.timeout(this.timeoutMs),
      });
      request.on('error', reject);
      request.on('response', (response) => {
        firstWords(response).then((answer) => resolve({ status: response.statusCode!, answer }), reject);
      });
      request.end(body);
    });
  }

  /** An address written as a number is not looked up, so it is checked here. */
  private refuse({ protocol, hostname }: URL): void {
    if (this.options.allowPrivate) return;
    if (protocol !== 'https:') throw new ForbiddenAddressError('Only https is called.');
    const host = hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) && !isPublic(host)) throw new ForbiddenAddressError(`${host} is not a public address.`);
  }

  /** What was checked is what is connected to: a name that answers differently the next time gains nothing. */
  private readonly guardedLookup: LookupFunction = (hostname, options, callback) => {
    this.resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const bad = this.options.allowPrivate ? undefined : addresses.find(({ address }) => !isPublic(address));
      if (bad)
        return callback(new ForbiddenAddressError(`${hostname} is at ${bad.address}, no public address.`), '', 0);
      if (options.all) return callback(null, addresses);
      callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}

/** True for an address on the open internet; IPv4 in IPv6's clothes is judged as IPv4. */
export function isPublic(address: string): boolean {
  return ipaddr.process(address).range() === 'unicast';
}

/** The beginning of an answer; the rest is not waited for. */
async function firstWords(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > ANSWER_CHARACTERS) break;
  }
  return text.replace(/[\p{Cc}\s]+/gu, ' ').slice(0, ANSWER_CHARACTERS);
}

function outcomeOf(status: number, response: string): Outcome {
  if (status >= 200 && status < 300) return { state: 'sent', response };
  if (status >= 300 && status < 400) return { state: 'failed', reason: 'redirected', response };
  if (FINAL.includes(status)) return { state: 'failed', reason: 'message_refused', response };
  return { state: 'pending', reason: 'temporary', response };
}
