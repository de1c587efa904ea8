import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import SMTPPool from 'nodemailer/lib/smtp-pool/index.js';
import type { Lane } from '../deliveries/delivery.js';
import { NotificationConfig } from '../notification.config.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { addressOf, wireAddress } from './mail.js';
import { isServerFault, keptAnswer, LaneRestsError } from './smtp-fault.js';

/** A mail as it goes out. */
export interface OutgoingMail {
  to: string;
  /** Headers and body, encoded. */
  raw: Buffer;
}

/** Connections per lane: the most mails of a lane that are under way at once. */
export const LANE_CONNECTIONS: Record<Lane, number> = { security: 3, standard: 5, bulk: 8 };

/** The most a mail may take altogether: less than a delivery's lease. Milliseconds. */
const MAIL_TIMEOUT_MS = 45_000;

/** Milliseconds. */
const TIMEOUTS = { connectionTimeout: 5_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 5_000 };

/** When a mail that was not tried is looked at again; milliseconds. */
const REST_MS = 15_000;

/** SMTP, with connections and a breaker of its own for each lane. */
@Injectable()
export class MailTransport implements OnApplicationShutdown {
  private readonly sender: string;
  private readonly lanes: Record<Lane, SMTPPool>;
  private readonly breakers: Record<Lane, CircuitBreaker> = {
    security: new CircuitBreaker(),
    standard: new CircuitBreaker(),
    bulk: new CircuitBreaker(),
  };

  constructor(private readonly config: NotificationConfig) {
    this.sender = wireAddress(addressOf(config.MAIL_FROM));
    this.lanes = { security: this.pool('security'), standard: this.pool('standard'), bulk: this.pool('bulk') };
  }

  /** True while the server is left in peace because it mostly failed. */
  rests(lane: Lane): boolean {
    return this.breakers[lane].waits;
  }

  /** Hands a mail over and returns the server's answer; rejects with nodemailer's error, or LaneRestsError when nothing was tried. */
  async send(lane: Lane, { to, raw }: OutgoingMail): Promise<string> {
    const breaker = this.breakers[lane];
    if (!breaker.allows()) throw new LaneRestsError(new Date(Date.now() + REST_MS));
    try {
      const response = await handOver(this.lanes[lane], { from: this.sender, to: [wireAddress(to)] }, raw);
      breaker.record(true);
      return keptAnswer(response);
    } catch (error) {
      breaker.record(!isServerFault(error));
      throw error;
    }
  }

  onApplicationShutdown(): void {
    for (const lane of Object.values(this.lanes)) lane.close();
  }

  private pool(lane: Lane): SMTPPool {
    return new SMTPPool({
      ...TIMEOUTS,
      url: this.config.SMTP_URL,
      maxConnections: LANE_CONNECTIONS[lane],
      maxMessages: 1_000,
      // A second try is ours to make, later and counted: the pool's own would repeat a mail that may have arrived.
      maxRequeues: 0,
    });
  }
}

/**
 * Gives a finished mail to nodemailer's pool and resolves with the server's answer. Past nodemailer's `sendMail`, which would make
 * a message with headers of its own around it, and throw it away again: a third of what sending costs us.
 */
function handOver(pool: SMTPPool, envelope: { from: string; to: string[] }, raw: Buffer): Promise<string> {
  // What a transport reads of a mail: https://nodemailer.com/plugins/create/#transports
  const message = {
    getEnvelope: () => envelope,
    messageId: () => '',
    getHeader: () => '',
    createReadStream: () => raw,
  };
  const mail = { data: { signal: AbortSignal.timeout(MAIL_TIMEOUT_MS) }, message };
  return new Promise((resolve, reject) => {
    pool.send(mail as never, (error, info) => (info ? resolve(info.response) : reject(error as Error)));
  });
}
